"""Settings: embedded by default, production by variables, loud about what is missing."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NO_MAIL = {"CONCORDANCE_URL": "https://example.org", "CONCORDANCE_SECRET_KEY": "0123456789" * 6}
NO_LOG = NO_MAIL | {"CONCORDANCE_EMAIL_URL": "smtp://localhost:25"}
PUBLIC = NO_LOG | {"CONCORDANCE_LOG_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}


def start(home: Path, code: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a fresh process with these variables and no others of ours."""
    ours = ("CONCORDANCE_", "DATABASE_URL", "REDIS_URL", "PYTEST")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    return subprocess.run(
        [sys.executable, "-c", f"from civic import settings as s\n{code}"],
        cwd=ROOT,
        env=clean | {"CONCORDANCE_HOME": str(home)} | variables,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"CONCORDANCE_URL": "https://example.org"}, "CONCORDANCE_SECRET_KEY"),
        ({"CONCORDANCE_URL": "example"}, "CONCORDANCE_URL"),
        (NO_MAIL | {"CONCORDANCE_LOG_KEY": "x"}, "CONCORDANCE_EMAIL_URL"),
        (NO_LOG, "CONCORDANCE_LOG_KEY_FILE"),
        ({"CONCORDANCE_SEAL_SECONDS": "61"}, "CONCORDANCE_SEAL_SECONDS"),
        ({"CONCORDANCE_KEEP_SERVINGS_DAYS": "0"}, "CONCORDANCE_KEEP_*_DAYS"),
        ({"CONCORDANCE_LOG_ORIGIN": "a b"}, "CONCORDANCE_LOG_ORIGIN"),
        (PUBLIC | {"CONCORDANCE_DEBUG": "1"}, "CONCORDANCE_DEBUG"),
        (PUBLIC | {"CONCORDANCE_DEMO_CODE": "000000"}, "CONCORDANCE_DEMO_CODE"),
        ({"CONCORDANCE_DEBUG": "perhaps"}, "CONCORDANCE_DEBUG"),
        ({"CONCORDANCE_LEASE_SECONDS": "long"}, "CONCORDANCE_LEASE_SECONDS"),
        ({"CONCORDANCE_TRANSLATE_URL": "translate.example"}, "CONCORDANCE_TRANSLATE_URL"),
        ({"CONCORDANCE_TRANSLATE_URL": "https://u:p@t.example"}, "CONCORDANCE_TRANSLATE_URL"),
        ({"CONCORDANCE_TRANSLATE_KEY": "k"}, "CONCORDANCE_TRANSLATE_KEY"),
        ({"CONCORDANCE_TRANSLATE_ENGINE": " "}, "CONCORDANCE_TRANSLATE_ENGINE"),
        ({"CONCORDANCE_TRANSLATE_INTO": "de,tlh"}, "CONCORDANCE_TRANSLATE_INTO"),
        ({"CONCORDANCE_TRANSLATE_SECONDS": "0"}, "CONCORDANCE_TRANSLATE_SECONDS"),
        ({"DATABASE_URL": "mysql://localhost/x"}, "DATABASE_URL"),
        ({"CONCORDANCE_BROKER_URL": "amqp://localhost"}, "CONCORDANCE_BROKER_URL"),
    ],
)
def test_a_wrong_or_missing_variable_stops_the_start_and_is_named(
    tmp_path: Path, variables: dict[str, str], named: str
) -> None:
    """Nobody has to guess what to set."""
    done = start(tmp_path, **variables)
    assert done.returncode != 0
    assert named in done.stderr.strip().splitlines()[-1]


def test_without_variables_everything_lives_in_one_private_folder(tmp_path: Path) -> None:
    """SQLite, messages and files below it; folder and secret are for the owner alone."""
    home = tmp_path / "home"
    code = "print(s.DATABASES['default']['NAME'], s.CELERY_BROKER_URL, s.MEDIA_ROOT, s.SECRET_KEY)"
    first = start(home, code)
    assert first.returncode == 0, first.stderr
    database, broker, media, secret = first.stdout.split()
    assert Path(database).parent == Path(media).parent == home
    assert broker.startswith("safefs://")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "secret-key").stat().st_mode) == 0o600
    assert start(home, code).stdout.split()[-1] == secret


def test_variables_alone_switch_to_postgresql_and_redis(tmp_path: Path) -> None:
    """With a pool whose connections are checked, and a broker that redelivers."""
    code = (
        "d = s.DATABASES['default']\n"
        "print(d['ENGINE'], d['CONN_HEALTH_CHECKS'], bool(d['OPTIONS']['pool']),"
        " s.CELERY_BROKER_URL, s.SESSION_COOKIE_NAME)"
    )
    urls = {"DATABASE_URL": "postgres://u@db/x", "REDIS_URL": "redis://cache:6379/0"}
    done = start(tmp_path, code, **PUBLIC, **urls)
    assert done.stdout.split() == [
        "django.db.backends.postgresql",
        "True",
        "True",
        "redis://cache:6379/0",
        "__Host-session",
    ]


def test_a_production_start_passes_djangos_own_check(tmp_path: Path) -> None:
    """`check --deploy` has nothing to warn of."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=os.environ | {"CONCORDANCE_HOME": str(tmp_path)} | PUBLIC,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_no_model_lacks_a_migration(tmp_path: Path) -> None:
    """What the code expects is what a new database gets."""
    done = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        cwd=ROOT,
        env=os.environ | {"CONCORDANCE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
