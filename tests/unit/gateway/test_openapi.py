"""The API and its description say the same, tried with generated requests."""

from dataclasses import replace
from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from ruamel.yaml import YAML
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode

from patchline.database import engines
from patchline.database.migration import migrate
from patchline.database.schema import now
from patchline.escalation import desk_api as desk
from patchline.escalation.health import seen
from patchline.gateway import api, site
from patchline.gateway.app import create_app
from patchline.settings import Settings

from .conftest import Patient, StandIn

QUICK = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory, content):
    rasa = StandIn()
    own = Settings(var=tmp_path_factory.mktemp("var"), secret="s" * 40, rasa_port=rasa.port, rate_limit="off")
    app = create_app(replace(own, rasa_timeout_s=2.0), content)
    app.state.parts.events.close()  # a stream without end would not end the test either
    migrate(engines.url_of(own))
    seen(app.state.parts.journal.engine, "a worker for the length of this test", now(), now() + timedelta(hours=1))
    yield app
    rasa.close()


@pytest.fixture(scope="module")
def description(app):
    return schemathesis.openapi.from_asgi("/openapi.yml", app=app)


@pytest.fixture(scope="module")
def alice(app, description):
    """A patient of the application that the generated requests go to."""
    return Patient(schemathesis.python.asgi.get_client(app).__enter__())


@pytest.fixture(scope="module")
def bob(app, description):
    """A patient with a ticket and a nurse in the chat."""
    patient = Patient(schemathesis.python.asgi.get_client(app).__enter__())
    reference = patient.send(text="my left leg is numb since the patch").json()["escalation"]["reference"]
    engine = app.state.parts.journal.engine
    desk.acknowledge(engine, reference, "Maria", now())
    desk.message_to_patient(engine, reference, "Maria", now(), "Call (202) 555-0142.")
    return patient


schema = schemathesis.pytest.from_fixture("description")


@schema.parametrize()
@QUICK
def test_a_stranger_is_answered_as_described(case):
    case.call_and_validate()


@schema.include(path_regex=r"\{id\}").exclude(method="DELETE").parametrize()
@QUICK
def test_a_patient_is_answered_as_described(case, alice):
    if case.meta.components[ParameterLocation.PATH].mode is GenerationMode.POSITIVE:
        case.path_parameters["id"] = alice.id  # so that wrong bodies reach the place that checks them
    case.call_and_validate(headers=alice.headers, excluded_checks=[schemathesis.checks.CHECKS.get_one("ignored_auth")])


@schema.include(path_regex=r"\{id\}").exclude(method="DELETE").parametrize()
@QUICK
def test_a_patient_with_a_nurse_in_the_chat_is_answered_as_described(case, bob):
    if case.meta.components[ParameterLocation.PATH].mode is GenerationMode.POSITIVE:
        case.path_parameters["id"] = bob.id
    case.call_and_validate(headers=bob.headers, excluded_checks=[schemathesis.checks.CHECKS.get_one("ignored_auth")])


def test_every_address_is_described_and_nothing_else_is():
    paths = YAML(typ="safe").load(site.OPENAPI.read_text(encoding="utf-8"))["paths"]
    routes = {route.path for route in [*api.ROUTES, *site.ROUTES] if route.path != "/static"}
    assert set(paths) == routes
