"""Facts about the repository that no other test would notice going wrong."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from aggregation.__main__ import main as aggregate_main
from aggregation.embed import registry
from docs.render import RENDERED, render
from tests.conftest import ROOT

TOP = {
    *(".ci", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md"),
    *("aggregation", "civic", "deploy", "docs", "frontend", "manage.py", "pyproject.toml"),
    *("requirements-dev.lock", "requirements.lock", "tests", "verifier"),
}
# Whoever builds this elsewhere has other registries and other folders. Spelled in pieces, so that
# this file does not find itself.
HOSTS = tuple(f"{name}.{end}" for name, end in (("pypi", "org"), ("pythonhosted", "org")))
HOSTS += (".".join(("registry", "npmjs", "org")), ".".join(("registry", "yarnpkg", "com")))
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:home/\w+|Users/\w+|root|work|tmp/w)/")
ENVIRONMENT_CALL = re.compile(r"^(?:str|int|bool|list|dict|dj_\w+)$")


def tracked() -> list[Path]:
    """Every file that a commit holds and the working tree still has."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so nobody can say which files belong to it")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [file for file in files if file.is_file()]


def texts() -> list[tuple[Path, str]]:
    """Tracked files that are text."""
    found = []
    for file in tracked():
        content = file.read_bytes()
        if b"\0" not in content:
            found.append((file, content.decode()))
    return found


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins(name: str) -> dict[str, str]:
    """Package -> exact version, for one lock file."""
    lines = (ROOT / name).read_text().splitlines()
    return dict(
        re.match(r"^([a-z0-9.\-]+)(?:\[.*\])?==(\S+)", line).groups()
        for line in lines
        if re.match(r"^[a-z0-9]", line)
    )


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


# --- What is in the house


def test_the_top_level_is_as_designed() -> None:
    """Somebody who opens the repository meets these names and no others."""
    assert {file.relative_to(ROOT).parts[0] for file in tracked()} == TOP


def test_no_file_names_a_registry_or_a_developers_folder() -> None:
    """Nothing here works on one machine only."""
    guilty = [
        str(file.relative_to(ROOT))
        for file, text in texts()
        if any(host in text for host in HOSTS) or MACHINE_PATHS.search(text)
    ]
    assert guilty == []


def test_the_page_of_methods_quotes_the_code() -> None:
    """Its figures are the constants that are applied; `make docs` writes it anew."""
    assert RENDERED.read_text("utf-8") == render()


def test_the_licence_is_the_one_that_is_declared() -> None:
    """Apache-2.0, whole."""
    text = (ROOT / "LICENSE").read_text()
    assert project()["license"] == "Apache-2.0"
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


# --- Dependencies


@pytest.mark.parametrize(
    ("lock", "with_tools"), [("requirements.lock", False), ("requirements-dev.lock", True)]
)
def test_a_lock_file_pins_every_dependency_within_its_declared_range(
    lock: str, with_tools: bool
) -> None:
    """What is installed is what was declared, exactly, with hashes."""
    declared = list(project()["dependencies"])
    if with_tools:
        declared += project()["optional-dependencies"]["dev"]
    pinned = pins(lock)
    for line in declared:
        wanted = Requirement(line)
        version = pinned[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(version), f"{line} is locked as {version}"
    text = (ROOT / lock).read_text()
    blocks = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in text


def test_tests_run_on_what_is_installed_in_production() -> None:
    """The tools' lock file differs from the other by additions only."""
    runtime, development = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: development.get(name) for name in runtime} == runtime


def test_every_dependency_of_the_product_stands_with_its_reason() -> None:
    """A package without a reason can go."""
    text = (ROOT / "pyproject.toml").read_text()
    block = text.partition("dependencies = [\n")[2].partition("\n]")[0]
    lines = [line.strip() for line in block.splitlines() if line.strip().startswith('"')]
    assert len(lines) == len(project()["dependencies"])
    assert [line for line in lines if not re.search(r'",\s+# \S+', line)] == []


def test_imports_point_downward_only() -> None:
    """The contracts of pyproject.toml hold for the code as it is."""
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


# --- What README and the guides promise


GUIDES = sorted(
    file.relative_to(ROOT).as_posix()
    for file in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
)


@pytest.mark.parametrize("guide", GUIDES)
def test_every_linked_file_exists(guide: str) -> None:
    """No link in a guide leads nowhere."""
    text = (ROOT / guide).read_text()
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not ((ROOT / guide).parent / link).exists()] == []


def test_every_test_that_the_threat_model_names_exists() -> None:
    """A defence without its test is a promise."""
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "threat-model.md").read_text()))
    files = (ROOT / "tests").rglob("test_*.py")
    written = {one for file in files for one in re.findall(r"def (test_\w+)", file.read_text())}
    assert len(named) > 30
    assert named <= written


@pytest.mark.parametrize("guide", GUIDES)
def test_every_make_target_that_a_guide_names_exists(guide: str) -> None:
    """`make x` in a guide is a target of the Makefile."""
    text = (ROOT / guide).read_text()
    named = {
        word
        for quoted in re.findall(r"`make ([^`]+)`", text)
        for word in re.split(r"[\s|]+", quoted)
        if word and "=" not in word
    }
    named |= set(re.findall(r"^make ([a-z-]+)", text, flags=re.MULTILINE))
    assert named <= make_targets()


def test_make_help_lists_every_target_for_people() -> None:
    """What can be run can be found."""
    done = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    listed = {line.split()[0] for line in done.stdout.splitlines()}
    assert listed == make_targets()


def commands(text: str) -> list[list[str]]:
    """Shell commands of a guide, in code blocks and between backticks, as words."""
    blocks = re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    lines += re.findall(r"`([^`\n]*(?:manage\.py|python -m aggregation)[^`\n]*)`", text)
    return [shlex.split(line.replace("…", "x"), comments=True) for line in lines]


def arguments_after(words: list[str], *, last: str) -> list[str] | None:
    """What follows this word, or None where it is not among them."""
    return words[words.index(last) + 1 :] if last in words else None


@pytest.mark.parametrize("guide", GUIDES)
def test_every_management_command_in_a_guide_takes_these_options(guide: str) -> None:
    """A command copied from a guide is understood."""
    from django.core.management import get_commands, load_command_class

    for words in commands((ROOT / guide).read_text()):
        given = arguments_after([Path(word).name for word in words], last="manage.py")
        if not given:
            continue
        given = words[-len(given) :]
        name, rest = given[0], given[1:]
        assert name in get_commands(), f"{guide}: manage.py {name}"
        app = get_commands()[name]
        command = load_command_class(app, name) if isinstance(app, str) else app
        known = command.create_parser("manage.py", name)._option_string_actions
        options = [word.partition("=")[0] for word in rest if word.startswith("-")]
        assert [one for one in options if one not in known] == [], f"{guide}: manage.py {name}"


def test_readmes_command_line_is_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It gets as far as noticing that this folder has no export and no spec."""
    monkeypatch.chdir(tmp_path)
    found = [
        arguments_after(w, last="aggregation") for w in commands((ROOT / "README.md").read_text())
    ]
    lines = [given for given in found if given]
    assert lines
    for given in lines:
        assert aggregate_main(given) == 1
        missing = {"run": "comments.csv", "prepare": "answers.csv"}
        assert missing.get(given[0], "spec.json") in capsys.readouterr().err


# --- Deployment


def settings_variables() -> set[str]:
    """Names of the variables that civic/settings.py reads, from its syntax."""
    names = set()
    for node in ast.walk(ast.parse((ROOT / "civic" / "settings.py").read_text())):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env"), attr=kind),
                args=[ast.Constant(value=str(name)), *_],
            ) if ENVIRONMENT_CALL.match(kind):
                names.add(name)
            case ast.Attribute(value=ast.Name(id="env"), attr=kind):
                assert ENVIRONMENT_CALL.match(kind), f"env.{kind} is not known to this test"
    return names


def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())


def compose_variables() -> dict[str, str]:
    """Variable -> what follows its name, for each ${...} of compose.yaml."""
    text = (ROOT / "deploy" / "compose.yaml").read_text()
    return dict(re.findall(r"\$\{(\w+)([^}]*)\}", text))


def test_the_example_names_each_variable_that_is_read_with_its_rule() -> None:
    """Settings, compose file and the library's own; nothing else, twice or unexplained."""
    lines = (ROOT / "deploy" / "env.example").read_text().splitlines()
    places = [n for n, line in enumerate(lines) if re.match(r"^#?[A-Z_]+=", line)]
    names = [lines[n].lstrip("#").partition("=")[0] for n in places]
    read = settings_variables() | set(compose_variables()) | {registry.VARIABLE}
    assert sorted(names) == sorted(read)
    assert [lines[n] for n in places if not lines[n - 1].startswith("# ")] == []


def test_the_compose_file_holds_no_secret_and_no_silent_gap() -> None:
    """Each value from outside is required, and a missing one is told in words."""
    assert compose_variables()
    assert [name for name, rule in compose_variables().items() if not rule.startswith(":?")] == []
    for name, service in compose()["services"].items():
        for key, value in service.get("environment", {}).items():
            if "PASSWORD" in key or "SECRET" in key or "@" in value:
                assert "${" in value, f"{name}: {key}"


def test_every_queue_has_a_worker_and_the_schedule_exactly_one() -> None:
    """Two schedulers would ring twice; a queue nobody reads would fill for ever."""
    words = {name: service.get("command", []) for name, service in compose()["services"].items()}
    queues = [w.partition("=")[2] for given in words.values() for w in given if "--queues" in w]
    assert sorted(q for some in queues for q in some.split(",")) == ["cpu", "gpu", "mail"]
    assert [name for name, given in words.items() if "--beat" in given] == ["mail"]


def test_redis_keeps_messages_and_never_drops_them() -> None:
    """A broker that evicts or forgets would lose work."""
    line = " ".join(compose()["services"]["redis"]["command"])
    assert "--appendonly yes" in line
    assert "--maxmemory-policy noeviction" in line


def test_the_image_runs_as_nobody_in_particular_from_hashed_packages() -> None:
    """Neither root nor an unpinned package."""
    text = (ROOT / "deploy" / "Dockerfile").read_text()
    assert re.findall(r"^USER (.+)$", text, flags=re.MULTILINE)[-1] == "10001"
    assert "--require-hashes --requirement requirements.lock" in text
    assert len(re.findall(r"^FROM ", text, flags=re.MULTILINE)) == 2
    copied = re.findall(r"^COPY (?!--from)(\S+) ", text, flags=re.MULTILINE)
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    """Every directive is known and stands where it may."""
    nginx = shutil.which("nginx")
    if nginx is None:
        pytest.skip("no nginx here to ask")
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    text = (ROOT / "deploy" / "nginx.conf").read_text().replace("/etc/nginx/tls", str(tmp_path))
    file = tmp_path / "nginx.conf"
    file.write_text(text)
    prefix = [nginx, "-t", "-p", str(tmp_path), "-c", str(file), "-g", f"pid {tmp_path}/pid;"]
    done = subprocess.run(prefix, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
