"""Checks the documents; see `check` beside this file."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

LEDGER = "/v1/organizations/{organization_id}/ledgers/{ledger_id}"
LOCAL = "http://127.0.0.1:3000"


class Shell:
    """A bash that keeps its variables from one command to the next."""

    END = "--end--"

    def __init__(self):
        self.process = subprocess.Popen(
            ["bash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, command):
        self.process.stdin.write(f"{command}\nprintf '\\n{self.END}\\n'\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == f"{self.END}\n":
                return "".join(lines).strip()
            lines.append(line)
        sys.exit(f"the shell ended with: {command}")


def section(text, heading):
    return text.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def blocks(text):
    return re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)


def tour(url):
    """Each command of the tour, with the answer that stands below it behind a number sign."""
    shell, faults, answers = Shell(), [], 0
    for block in blocks(section(Path("README.md").read_text(), "A tour in six requests")):
        command = []
        for line in block.replace(LOCAL, url).splitlines():
            if not line.startswith("# "):
                command.append(line)
                continue
            said = shell.run("\n".join(command))
            answers += 1
            if said != line[2:]:
                faults.append(f"README: {command[-1]}\n  shown:    {line[2:]}\n  answered: {said}")
            command = []
        if command:
            shell.run("\n".join(command))
    print(f"tour: {answers} answers")
    return faults if answers else ["README: the tour has no answers"]


def table(url):
    """Each command of docs/api.md, and whether the table has every operation."""
    text = section(Path("docs/api.md").read_text(), "Routes")
    shell, faults, routes = Shell(), [], []
    for block in blocks(text):
        shell.run(block.replace(LOCAL, url))
    shell.run("curl() { command curl -s -o /dev/null -w '%{http_code}' \"$@\"; }")
    for row in re.findall(r"^\| `(\w+) ([^`]*)` \| (.*?) \| `(.*)` \|$", text, re.M):
        method, path, answer, command = row
        routes.append((method, path.replace("…", LEDGER, 1)))
        # `201; here 422, because …`: the status of the command stands behind `here`.
        expected = re.search(r"here (\d{3})", answer) or re.match(r"(\d{3})", answer)
        status = shell.run(command)
        if status != expected.group(1):
            faults.append(f"docs/api.md: {method} {path}: {status}, not {expected.group(1)}")
    described = [
        (method.upper(), path)
        for version in ("v0", "v1")
        for path, item in yaml.safe_load(Path(f"infra/openapi/{version}.yaml").read_text())["paths"].items()
        for method in item
        if method != "parameters"
    ]
    faults += [f"docs/api.md has no {route}" for route in described if route not in routes]
    faults += [f"no operation is {route}" for route in routes if route not in described]
    print(f"table: {len(routes)} commands")
    return faults


def anchor(heading):
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def links(_):
    """Each link to a file or to a heading."""
    faults, count = [], 0
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        capture_output=True, text=True, check=True,
    ).stdout.split()
    for name in names:
        page = Path(name)
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
            if re.match(r"[a-z]+:", target):
                continue
            count += 1
            path, _, wanted = target.partition("#")
            there = (page.parent / path).resolve() if path else page.resolve()
            if not there.exists():
                faults.append(f"{name}: {target} does not exist")
            elif wanted and wanted not in map(anchor, re.findall(r"^#+ (.*)$", there.read_text(), re.M)):
                faults.append(f"{name}: {target} has no such heading")
    print(f"links: {count}")
    return faults


if __name__ == "__main__":
    found = {"links": links, "tour": tour, "table": table}[sys.argv[1]](sys.argv[2])
    print("\n".join(found))
    sys.exit(1 if found else 0)
