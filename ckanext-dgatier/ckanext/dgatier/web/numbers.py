"""The numbers of requests for everyone."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint

from . import helpers, plots, request_texts

blueprint = Blueprint("dgatier_numbers", __name__, url_prefix="/access")


@blueprint.route("/numbers")
def numbers() -> Any:
    """Show how many requests there were, what became of them and in how many days."""
    found = toolkit.get_action("dgatier_numbers_show")({}, {})
    bound = found["answer_days"]
    agencies = [{**line, "label": line["title"]} for line in found["agencies"]]
    purposes = [
        {**line, "label": helpers.dgatier_purpose_label(line["value"])}
        for line in found["purposes"]
    ]
    months = [{**line, "label": helpers.dgatier_month(line["value"])} for line in found["months"]]
    grounds = [
        {
            **line,
            "label": request_texts.dgatier_legal_ground_label(line["value"])
            or toolkit._("Not named"),
        }
        for line in found["grounds"]
    ]
    return toolkit.render(
        "dgatier/numbers.html",
        {
            "numbers": found,
            "agencies": agencies,
            "purposes": purposes,
            "months": months,
            "grounds": grounds,
            "outcomes": plots.OUTCOMES,
            "respond_days": bound,
            "plots": {
                "agencies": plots.outcomes(agencies),
                "purposes": plots.outcomes(purposes),
                "months": plots.outcomes(months),
                "days": plots.days(agencies, bound),
                "grounds": plots.outcomes(grounds),
            },
        },
    )
