"""A client's SELECT is written anew, with nothing in it that was not looked at."""

from __future__ import annotations

import pytest

from ckanext.dgatier.enforce.sql import Refused, read

#: What was done to systems that let SQL in, and to CKAN's own action before 2.11.5.
ATTACKS = (
    # several statements, and what is hidden in comments and quotes
    "SELECT 1; DROP TABLE x",
    "SELECT 1;/**/SELECT 2",
    "SELECT 1 /* */; -- \n COMMIT",
    'SELECT * FROM "a""; DELETE FROM b; --" ; SELECT 1',
    "SELECT $a$ $a$; SELECT $$ $$",
    # not a SELECT, or one that writes, locks or waits
    "DELETE FROM t",
    "COPY t TO PROGRAM 'id'",
    "SET ROLE ckan",
    "DO $$ BEGIN END $$",
    "EXPLAIN SELECT * FROM t",
    "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
    "WITH d AS (INSERT INTO t VALUES (1) RETURNING 1) SELECT * FROM d",
    "SELECT * INTO u FROM t",
    "SELECT * FROM t FOR UPDATE",
    "SELECT pg_sleep(10)",
    "SELECT pg_advisory_lock(1)",
    # functions that run SQL, read files, settings or other tables
    "SELECT query_to_xml('SELECT * FROM t', true, false, '')",
    "SELECT table_to_xml('t', true, false, '')",
    "SELECT database_to_xml(true, false, '')",
    "SELECT ts_rewrite('a'::tsquery, 'SELECT x, y FROM t')",
    "SELECT * FROM ts_stat('SELECT x FROM t')",
    "SELECT ts_stat('SELECT x FROM t')",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_get(1)",
    "SELECT dblink('dbname=ckan', 'SELECT 1')",
    "SELECT set_config('role', 'ckan', false)",
    "SELECT current_setting('data_directory')",
    "SELECT pg_catalog.pg_terminate_backend(1)",
    'SELECT "pg_catalog"."pg_sleep"(1)',
    "SELECT U&\"pg\\005fsleep\"(1)",
    "SELECT public.lower('A')",
    "SELECT cached_table_row_count('t')",
    "SELECT nextval('t_id_seq')",
    "SELECT currtid2('t', '(0,1)')",
    "SELECT version(), inet_server_addr()",
    "SELECT has_table_privilege('t', 'SELECT')",
    "SELECT col_description(1, 1), obj_description(1)",
    # a call that is written as a column
    "SELECT ('/etc/passwd'::text).pg_read_file",
    "SELECT f.ts_stat FROM unnest(ARRAY['SELECT x FROM t']) AS f",
    "SELECT (t).* FROM t",
    # names that mean something outside
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM ckan.public.t",
    "SELECT * FROM ONLY t",
    "SELECT 't'::regclass",
    "SELECT CAST('t' AS pg_catalog.regclass)",
    "SELECT 1::oid, 'a'::xid",
    "SELECT NULL::t",
    "SELECT NULL::t.x%TYPE",
    "SELECT 1 OPERATOR(public.+) 1",
    "SELECT 1 ORDER BY 1 USING OPERATOR(public.<)",
    "SELECT public.t.x FROM t",
    "SELECT current_user, session_user, current_catalog, current_schema",
    'SELECT a COLLATE "public"."x" FROM t',
    "SELECT * FROM t TABLESAMPLE bernoulli(1)",
    # what reads other things: XML with entities, tables out of values, parameters
    "SELECT xmlparse(document '<a/>')",
    "SELECT * FROM xmltable('/a' PASSING '<a/>' COLUMNS b text)",
    "SELECT * FROM json_table('[]', '$' COLUMNS (a int))",
    "SELECT * FROM generate_series(1, 3) AS g",
    "SELECT * FROM ROWS FROM (unnest(ARRAY[1]), ts_stat('x')) AS f",
    "SELECT $1",
    # large values out of small ones
    "SELECT repeat('x', 1000000000)",
    "SELECT lpad('x', 1000000000)",
    "SELECT format('%1000000000s', 'x')",
    # what breaks the reader
    "SELECT " + "(SELECT " * 400 + "1" + ")" * 400,
    "SELECT 1" + "+1" * 5000,
    "SELECT '" + "x" * 30_000 + "'",
    "SELECT 1\0; DROP TABLE t",
    "",
)  # fmt: skip


@pytest.mark.parametrize("text", ATTACKS, ids=lambda text: text[:50])
def test_an_attack_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        read(text)


def test_a_refusal_names_no_value() -> None:
    for text in (
        "SELECT pg_sleep('1103700012345')",
        "SELECT '1103700012345'::xml",
        "SELECT '110370",
    ):
        with pytest.raises(Refused) as refused:
            read(text)
        assert "11037" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        'SELECT count(*), max(day) FILTER (WHERE amount > 3) FROM "a-b" GROUP BY year HAVING true',
        "SELECT sum(x) OVER (PARTITION BY y ORDER BY z ROWS 1 PRECEDING) FROM t",
        "SELECT * FROM a JOIN b USING (id) LEFT JOIN LATERAL (SELECT b.x LIMIT 1) c ON true",
        "SELECT x::numeric(10, 2), CAST(y AS date), z::int[] FROM t WHERE a ILIKE '%b' ESCAPE '!'",
        "SELECT extract(year FROM day), day AT TIME ZONE 'UTC', day + interval '1 day' FROM t",
        "SELECT 1 UNION ALL SELECT 2 EXCEPT SELECT 3 ORDER BY 1 DESC NULLS LAST LIMIT 3 OFFSET 1",
        "SELECT a, grouping(a) FROM t GROUP BY GROUPING SETS ((a), (), CUBE (a, b))",
        "SELECT CASE WHEN a IS NULL THEN 0 ELSE coalesce(b, 1) END, NOT EXISTS (TABLE t)",
        "SELECT to_tsvector('simple', a) @@ plainto_tsquery('simple', 'b') FROM t",
        "SELECT trim(BOTH ' ' FROM a), substring(a FROM 2 FOR 3), position('x' IN a) FROM t",
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5) TABLE n",
        "SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b -- with a word on it",
        "SELECT current_date, percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t",
    ],
)  # fmt: skip
def test_what_people_ask_is_let_through(text: str) -> None:
    assert read(text).text.lstrip("(").startswith(("SELECT", "WITH"))


def test_every_name_becomes_ours_and_columns_keep_their_table() -> None:
    found = read(
        'WITH part AS (SELECT * FROM "Ta""b") SELECT "Ta""b".x, part.y, z.* '
        'FROM public."Ta""b", part, (SELECT a FROM other AS part) AS z'
    )
    assert set(found.tables) == {'Ta"b', "other"}
    assert set(found.parts) == {"part"}
    ours = {*found.tables.values(), *found.parts.values()}
    assert len(ours) == 3
    assert all(one.startswith("dgatier_") for one in ours)
    place = found.tables['Ta"b']
    assert f'FROM {place} AS "Ta""b", ' in found.text
    assert "public" not in found.text
    assert found.as_the_client_names(f'relation "{found.tables["other"]}"') == 'relation "other"'


def test_a_name_that_the_statement_gives_is_never_a_table() -> None:
    found = read("WITH t AS (SELECT * FROM t) SELECT * FROM (WITH u AS (SELECT 1) TABLE u) v, u, t")
    assert not found.tables
