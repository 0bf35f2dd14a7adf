"""A small run of `make reliability` on each database: killed processes, outages, a channel that fails, nothing lost."""

import pytest

from evaluation.reliability.databases import Postgresql, Sqlite
from evaluation.reliability.run import Options, run
from tests import postgres

pytestmark = pytest.mark.soak

OPTIONS = Options(escalations=24, minutes=0.4, limit_min=8.0, seed=20, each=4)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request):
    if request.param == "postgresql" and postgres.programs() is None:
        pytest.skip(postgres.MISSING)
    found = Sqlite() if request.param == "sqlite" else Postgresql()
    yield found
    found.close()


def test_no_escalation_is_lost_whatever_is_killed_or_taken_away(database, archive, tmp_path):
    result = run(database, archive, tmp_path / "place", OPTIONS)
    assert result.counts.faults == []
    assert result.counts.flagged >= OPTIONS.escalations
    assert result.counts.once_each + result.counts.never_arrived == result.counts.flagged
    assert set(result.killed) >= {"gateway", "rasa", "actions", "worker", "second worker", "everything at once"}
    assert {name for name, seconds in result.away.items() if seconds} >= set(database.outages)
