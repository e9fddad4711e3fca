"""What may stand in a client's statement; whatever is not named here is refused.

Nothing here runs a text as SQL (as `ts_rewrite`, `ts_stat` and `query_to_xml` do), reads files or
settings, waits, has an effect, or makes a large value out of a small one (as `repeat` does).
"""

_NODES = """
    SelectStmt WithClause CommonTableExpr RangeVar RangeSubselect JoinExpr Alias ResTarget
    ColumnRef A_Star A_Const A_Expr A_ArrayExpr A_Indirection A_Indices BoolExpr BooleanTest
    NullTest CaseExpr CaseWhen CoalesceExpr MinMaxExpr RowExpr SubLink FuncCall NamedArgExpr
    WindowDef SortBy GroupingSet GroupingFunc TypeCast TypeName SQLValueFunction Integer Float
    Boolean String
"""
_AGGREGATES = """
    array_agg avg bool_and bool_or corr count covar_pop covar_samp every json_agg
    json_object_agg jsonb_agg jsonb_object_agg max min mode percentile_cont percentile_disc
    regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy
    stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance
"""
_WINDOWS = """
    cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank
    row_number
"""
_NUMBERS = """
    abs acos asin atan atan2 cbrt ceil ceiling cos cot degrees div exp factorial floor gcd lcm ln
    log mod pi pow power radians random round scale sign sin sqrt tan trim_scale trunc
    width_bucket
"""
_TEXTS = """
    ascii btrim char_length character_length chr concat concat_ws initcap left length like_escape
    lower ltrim md5 normalize octet_length overlay position regexp_count regexp_instr regexp_like
    regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table
    regexp_substr replace reverse right rtrim similar_to_escape split_part starts_with
    string_to_array string_to_table strpos substr substring translate upper
"""
_MOMENTS = """
    age date date_bin date_part date_trunc extract isfinite justify_days justify_hours
    justify_interval make_date make_interval make_time make_timestamp make_timestamptz now
    overlaps timezone to_char to_date to_number to_timestamp
"""
_LISTS = """
    array_append array_cat array_length array_position array_positions array_prepend array_remove
    array_replace array_to_json array_to_string cardinality generate_series json_array_elements
    json_array_elements_text json_array_length json_build_array json_build_object
    json_extract_path json_extract_path_text json_object_keys json_typeof jsonb_array_elements
    jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object
    jsonb_extract_path jsonb_extract_path_text jsonb_object_keys jsonb_typeof num_nonnulls
    num_nulls row_to_json to_json to_jsonb unnest
"""
_SEARCHES = """
    phraseto_tsquery plainto_tsquery to_tsquery to_tsvector ts_headline ts_rank
    websearch_to_tsquery
"""
_OPERATORS = """
    + - * / % ^ = <> != < > <= >= || ~~ !~~ ~~* !~~* ~ !~ ~* !~* -> ->> #> #>> @> <@ && ? @@
"""
_TYPES = """
    bool bpchar date float4 float8 int2 int4 int8 interval json jsonb numeric text time timestamp
    timestamptz timetz tsquery tsvector varchar
"""
_MOMENTS_OF_SQL = """
    CURRENT_DATE CURRENT_TIME CURRENT_TIME_N CURRENT_TIMESTAMP CURRENT_TIMESTAMP_N LOCALTIME
    LOCALTIME_N LOCALTIMESTAMP LOCALTIMESTAMP_N
"""

#: The nodes of a parse tree, by the names that PostgreSQL's parser gives them.
NODES = frozenset(_NODES.split())

#: PostgreSQL's functions; a function of the same name that someone made is not found.
FUNCTIONS = frozenset(
    " ".join((_AGGREGATES, _WINDOWS, _NUMBERS, _TEXTS, _MOMENTS, _LISTS, _SEARCHES)).split()
)

#: The words are what the parser makes of `BETWEEN`.
OPERATORS = frozenset(_OPERATORS.split()) | {
    "BETWEEN",
    "NOT BETWEEN",
    "BETWEEN SYMMETRIC",
    "NOT BETWEEN SYMMETRIC",
}

#: Types to cast to, by the names that the parser gives them.
TYPES = frozenset(_TYPES.split())

#: Of what SQL calls value functions the moments; the others tell of the role and the database.
VALUE_FUNCTIONS = frozenset(_MOMENTS_OF_SQL.split())
