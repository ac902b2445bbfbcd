"""Runs rdk, in a process of its own, with what it falls short of put right.

rdk 1.0.0 (Python 3.12 and newer) and 0.17.24 (3.11) alike:

* its zip is the whole rule folder, other than ours whenever a file in it is touched: it uploads the
  zip of `package` instead;
* its Lambda permission admits AWS Config on behalf of any account: the template gets SourceAccount.
  https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_lambda-functions.html
* its template drags a role with ReadOnlyAccess and sts:AssumeRole on everything along, which isn't
  created when a role is given: it is taken out, so that nobody has to read that twice.

What rdk does after the fact (it exits 0 when its stack failed) is looked after in `deploy`.
"""

from __future__ import annotations

import importlib
import json
import shutil
from pathlib import Path
from typing import Any

import botocore

from . import package

PERMISSION = "ConfigPermissionToCallrdkRuleCodeLambda"
FUNCTION = "rdkRuleCodeLambda"
ROLE = "rdkLambdaRole"


def main() -> None:
    """rdk's own command line, with the corrections in place."""
    # The callback is handed every botocore session of this process as it is made, rdk's too.
    botocore.register_initializer(_correct_templates)
    shutil.make_archive = _reproducible_archive
    raise SystemExit(importlib.import_module("rdk.cli").main())


def corrected(template: dict[str, Any]) -> dict[str, Any]:
    """rdk's template with a permission for this account only, and without the role that isn't made."""
    resources = {name: each for name, each in template["Resources"].items() if name != ROLE}
    permission = dict(resources[PERMISSION])
    permission["Properties"] = permission["Properties"] | {"SourceAccount": {"Ref": "AWS::AccountId"}}
    function = dict(resources[FUNCTION])
    function["Properties"] = function["Properties"] | {"Role": {"Ref": "LambdaRoleArn"}}
    return template | {"Resources": resources | {PERMISSION: permission, FUNCTION: function}}


def _correct_templates(session: Any) -> None:
    for operation in ("CreateStack", "UpdateStack"):
        session.register(f"provide-client-params.cloudformation.{operation}", _correct_template)


def _correct_template(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    template = corrected(json.loads(params["TemplateBody"]))
    return params | {"TemplateBody": json.dumps(template, separators=(",", ":"))}


def _reproducible_archive(base_name: str, *_: Any, **__: Any) -> str:
    return str(package.build_code(Path(f"{base_name}.zip")))


if __name__ == "__main__":
    main()
