"""Validates the documents against OpenAPI 3.1, and each of their examples against its schema."""

import pathlib
import sys

import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FORMATS = Draft202012Validator.FORMAT_CHECKER


def lookup(document, reference):
    for step in reference.removeprefix("#/").split("/"):
        document = document[step]
    return document


def absolute(value):
    """The schema with its references made to begin at the document."""
    if isinstance(value, dict):
        return {
            name: f"urn:document{member}" if name == "$ref" else absolute(member)
            for name, member in value.items()
        }
    return [absolute(item) for item in value] if isinstance(value, list) else value


def violations(document):
    """What is wrong, with the place where it is."""
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        yield f"{list(error.absolute_path)}: {error.message}"
    registry = Registry().with_resource(
        "urn:document", Resource.from_contents(document, default_specification=DRAFT202012)
    )
    pending = [("", document)]
    while pending:
        place, value = pending.pop()
        if isinstance(value, list):
            pending.extend((f"{place}/{index}", item) for index, item in enumerate(value))
        if not isinstance(value, dict):
            continue
        pending.extend((f"{place}/{name}", member) for name, member in value.items())
        if "schema" in value:
            validator = Draft202012Validator(
                absolute(value["schema"]), registry=registry, format_checker=FORMATS
            )
            for name, example in examples(document, value):
                for error in validator.iter_errors(example):
                    yield f"{place}, example {name}: {error.message}"
    text = yaml.dump(document)
    for kind, components in document["components"].items():
        for name in components:
            if kind != "securitySchemes" and f"'#/components/{kind}/{name}'" not in text:
                yield f"/components/{kind}/{name} is not used"


def examples(document, value):
    if "example" in value:
        yield "(single)", value["example"]
    for name, example in value.get("examples", {}).items():
        if "$ref" in example:
            example = lookup(document, example["$ref"])
        yield name, example["value"]


def main():
    failed = False
    for path in sorted(pathlib.Path(__file__).parent.glob("v*.yaml")):
        for violation in violations(yaml.safe_load(path.read_text())):
            failed = True
            print(f"{path.name} {violation}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
