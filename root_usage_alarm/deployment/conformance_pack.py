"""The organization conformance pack: the way to roll out what members can't change.

AWS Config itself rolls it out, so this only says how: the AWS CLI's command, with its parameters in a
file, as they hold quotes.
https://docs.aws.amazon.com/config/latest/APIReference/API_PutOrganizationConformancePack.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from . import member, names

TEMPLATE = names.TEMPLATES / "conformance-pack.template.json"


def command(
    parameters: Mapping[str, str], values: Path = names.BUILD / "conformance-pack-parameters.json"
) -> str:
    """The command that puts the pack; writes the parameters that it takes to `values`."""
    wanted = {name: parameters[name] for name in member.conformance_pack()["Parameters"]}
    given = [{"ParameterName": name, "ParameterValue": value} for name, value in wanted.items() if value]
    values.parent.mkdir(exist_ok=True)
    values.write_text(json.dumps(given, indent=1) + "\n", encoding="utf-8")
    return (
        "aws configservice put-organization-conformance-pack "
        f"--organization-conformance-pack-name {names.PACK} --template-body file://{TEMPLATE} "
        f"--conformance-pack-input-parameters file://{values}"
    )
