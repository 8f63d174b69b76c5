"""Narrows the API's description to one workspace, so that what is sent to it reaches something.

   one_workspace.py SLUG < openapi.json > narrowed.json
"""
import json
import sys

description = json.load(sys.stdin)
for path in description["paths"].values():
    for operation in path.values():
        for parameter in operation.get("parameters", []):
            if parameter["name"] == "workspace":
                parameter["schema"] = {"type": "string", "enum": [sys.argv[1]]}
json.dump(description, sys.stdout)
