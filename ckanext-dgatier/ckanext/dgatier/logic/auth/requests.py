"""Requests, grants, levels and the audit are for people who are signed in; the rest policy decides.

What depends on the request or grant itself is asked in the action, where *not yours* and *not
there* are the same answer.
"""

from __future__ import annotations

from ckan.plugins import toolkit
from ckan.types import AuthResult, Context, DataDict

from ckanext.dgatier import identity


def _signed_in(context: Context, data_dict: DataDict) -> AuthResult:
    # CKAN's own check takes the object that stands for the anonymous public for a person.
    if identity.subject_for(context).is_anonymous:
        return {"success": False, "msg": toolkit._("Sign in first.")}
    return {"success": True}


dgatier_request_create = _signed_in
dgatier_request_update = _signed_in
dgatier_request_save = _signed_in
dgatier_request_attach = _signed_in
dgatier_request_detach = _signed_in
dgatier_request_submit = _signed_in
dgatier_request_withdraw = _signed_in
dgatier_request_return = _signed_in
dgatier_request_decide = _signed_in
dgatier_request_accept = _signed_in
dgatier_request_decline = _signed_in
dgatier_request_remark = _signed_in
dgatier_request_appeal = _signed_in
dgatier_request_close = _signed_in
dgatier_request_claim = _signed_in
dgatier_request_release = _signed_in
dgatier_request_hand_over = _signed_in
dgatier_request_ask_review = _signed_in
dgatier_request_review = _signed_in
dgatier_request_show = _signed_in
dgatier_request_requirements = _signed_in
dgatier_request_list = _signed_in
dgatier_grant_list = _signed_in
dgatier_grant_show = _signed_in
dgatier_grant_renew = _signed_in
dgatier_grant_accept = _signed_in
dgatier_grant_revoke = _signed_in
dgatier_audit_list = _signed_in
dgatier_column_suggestions = _signed_in
dgatier_reading_list = _signed_in
dgatier_policy_simulate = _signed_in
dgatier_copy_show = _signed_in
dgatier_view_preview = _signed_in
dgatier_audit_verify = _signed_in
dgatier_level_propose = _signed_in
dgatier_level_show = _signed_in
dgatier_level_list = _signed_in
dgatier_level_decide = _signed_in
dgatier_level_withdraw = _signed_in
dgatier_level_review = _signed_in
dgatier_delegation_create = _signed_in
dgatier_delegation_list = _signed_in
dgatier_delegation_end = _signed_in
dgatier_notice_list = _signed_in
dgatier_notice_mark_read = _signed_in
dgatier_webhook_create = _signed_in
dgatier_webhook_list = _signed_in
dgatier_webhook_delete = _signed_in
dgatier_audit_receipt = _signed_in
