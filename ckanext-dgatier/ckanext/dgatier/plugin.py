"""Where CKAN's interfaces are implemented, each by a line that calls further in."""

from __future__ import annotations

from typing import Any

from ckan import model, plugins
from ckan.lib.plugins import DefaultTranslation
from ckan.plugins import toolkit
from ckan.types import Context
from flask import Blueprint

from ckanext.dgatier import cli
from ckanext.dgatier.core.audit import AuditAction
from ckanext.dgatier.enforce import (
    activity,
    catalogue,
    datastore,
    datastore_sql,
    hidden,
    listings,
    metadata,
    publishing,
    registry,
    sealed_storage,
    words,
)
from ckanext.dgatier.identity import tokens
from ckanext.dgatier.logic import action, auth, column_levels, levelling, uploads, validators
from ckanext.dgatier.web import (
    blueprints,
    cookies,
    errors,
    facets,
    form_tokens,
    helpers,
    inbox,
    levels,
    rate_limits,
    security_headers,
    session,
)


@toolkit.blanket.cli(cli.get_commands)
@toolkit.blanket.config_declarations
@toolkit.blanket.helpers(helpers.get_helpers)
@toolkit.blanket.validators(validators.get_validators)
class DgatierPlugin(plugins.SingletonPlugin, DefaultTranslation):
    """Graded access to classified datasets."""

    plugins.implements(plugins.IActions)
    plugins.implements(plugins.IApiToken, inherit=True)
    plugins.implements(plugins.IAuthenticator, inherit=True)
    plugins.implements(plugins.IAuthFunctions)
    plugins.implements(plugins.IBlueprint)
    plugins.implements(plugins.IConfigurer)
    plugins.implements(plugins.IFacets, inherit=True)
    plugins.implements(plugins.IFiles, inherit=True)
    plugins.implements(plugins.IMiddleware, inherit=True)
    plugins.implements(plugins.IPackageController, inherit=True)
    plugins.implements(plugins.IPermissionLabels)
    plugins.implements(plugins.IResourceController, inherit=True)
    plugins.implements(plugins.ITranslation)

    def update_config(self, config: Any) -> None:
        toolkit.add_template_directory(config, "web/templates")
        toolkit.add_resource("web/assets", "dgatier")
        cookies.configure(config)

    def get_actions(self) -> dict[str, Any]:
        own = {
            **action.get_actions(),
            **catalogue.get_actions(),
            **listings.get_actions(),
            **words.get_actions(),
            **datastore.get_actions(),
            **datastore_sql.get_actions(),
            "package_create": levelling.package_create,
            "datastore_create": column_levels.datastore_create,
            "package_update": levelling.package_update,
        }
        return hidden.actions(own, registry.other_actions(self.name))

    def get_auth_functions(self) -> dict[str, Any]:
        own = {
            **auth.get_auth_functions(),
            "package_show": catalogue.package_show,
            "resource_show": catalogue.resource_show,
            "resource_view_show": catalogue.resource_show,
            "resource_view_list": catalogue.resource_show,
        }
        return hidden.functions(own, registry.other_auth_functions(self.name))

    def get_blueprint(self) -> list[Blueprint]:
        return blueprints()

    def make_middleware(self, app: Any, config: Any) -> Any:
        for module in (security_headers, rate_limits, form_tokens, errors, levels, inbox):
            module.register(app)
        return app

    def files_get_storage_adapters(self) -> dict[str, Any]:
        return sealed_storage.adapters()

    def dataset_facets(self, facets_dict: Any, package_type: str) -> Any:
        return facets.dataset_facets(facets_dict)

    def organization_facets(
        self, facets_dict: Any, organization_type: str, package_type: str | None
    ) -> Any:
        return facets.dataset_facets(facets_dict)

    def get_dataset_labels(self, dataset_obj: model.Package) -> list[str]:
        return catalogue.dataset_labels(dataset_obj)

    def get_user_dataset_labels(self, user_obj: model.User) -> list[str]:
        return catalogue.person_labels(user_obj)

    def after_dataset_create(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        publishing.record(context, pkg_dict, AuditAction.DATASET_PUBLISHED)
        levelling.record(context, pkg_dict)

    def after_dataset_update(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        publishing.record(context, pkg_dict, AuditAction.DATASET_CHANGED)
        levelling.record(context, pkg_dict)
        activity.relabel(pkg_dict["id"])

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        return catalogue.hold_back_from_index(pkg_dict)

    def after_dataset_show(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        metadata.strip_dataset(context, pkg_dict)
        levelling.show_proposal(context, pkg_dict)

    def before_dataset_search(self, search_params: dict[str, Any]) -> dict[str, Any]:
        return catalogue.ask_of_what_is_found(search_params)

    def after_dataset_search(
        self, search_results: dict[str, Any], search_params: dict[str, Any]
    ) -> dict[str, Any]:
        return metadata.strip_search(search_results)

    def before_resource_create(self, context: Context, resource: dict[str, Any]) -> None:
        uploads.check(resource)

    def before_resource_update(
        self, context: Context, current: dict[str, Any], resource: dict[str, Any]
    ) -> None:
        uploads.check(resource)

    def login(self) -> Any:
        return session.begin_sign_in()

    def logout(self) -> Any:
        return session.begin_sign_out()

    def identify_user(self, user_id: str | None = None) -> Any:
        return session.identify(user_id)

    def authenticate(self, identity: dict[str, Any]) -> model.AnonymousUser:
        return session.refuse_password(identity)

    def preprocess_api_token(self, data: Any) -> Any:
        return tokens.note_use(data)

    def postprocess_api_token(
        self, data: dict[str, Any], jti: str, data_dict: dict[str, Any]
    ) -> dict[str, Any]:
        return tokens.note_making(data, jti)
