"""What AWS says when a setting or a package is missing, what its parts do of their own, and its given names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from shared_backend.cloud.aws.provider import AwsProvider
from shared_backend.cloud.contract import Capability, Condition, Message
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudDenied, CloudInvalid, CloudNotConfigured
from shared_backend.cloud.spool import spooled
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.services.aws_integration import AWSIntegrationFramework
from tests.support.cloud.aws import Moto, aws_doubles, aws_settings, double_settings, moto_settings, opened_provider
from tests.support.cloud.proxy import FaultProxy


@pytest.mark.parametrize(
    ("capability", "given", "named"),
    [
        (Capability.BLOBS, {}, "INTELLICV_AWS_S3_BUCKET"),
        (Capability.BLOBS, {"s3_bucket": "b-b", "region": None}, "INTELLICV_AWS_REGION"),
        (Capability.SECRETS, {"secret_access_key": None}, "INTELLICV_AWS_SECRET_ACCESS_KEY"),
        (Capability.TEXT, {"access_key_id": None}, "INTELLICV_AWS_ACCESS_KEY_ID"),
        (Capability.GENERATION, {}, "INTELLICV_AWS_BEDROCK_MODEL"),
        (Capability.EMBEDDINGS, {"bedrock_embedding_model": "x"}, "INTELLICV_AWS_BEDROCK_EMBEDDING_MODEL"),
        (Capability.MONITORING, {}, "INTELLICV_AWS_CLOUDWATCH_NAMESPACE"),
    ],
)
def test_a_missing_setting_is_named(capability: Capability, given: dict[str, Any], named: str) -> None:
    with pytest.raises(CloudNotConfigured, match=named) as caught:
        AwsProvider(aws_settings(**given)).offer(capability)
    assert caught.value.provider == "aws"


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shared_backend.cloud.aws.clients", None)
    with pytest.raises(CloudNotConfigured, match="pip install boto3"):
        AwsProvider(aws_settings(s3_bucket="b-b")).client("s3")


def test_neither_files_nor_the_environment_of_the_aws_tools_are_read(
    moto: Moto, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with opened_provider(moto_settings(moto)) as provider:
        # Moto reads them when it first does something, in this same process.
        assert provider.check(Capability.SECRETS, deadline=Deadline(20))
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with opened_provider(moto_settings(moto)) as provider:
        assert "secrets manager" in provider.check(Capability.SECRETS, deadline=Deadline(20))
        assert provider.client("comprehend").meta.endpoint_url == moto.url
    with opened_provider(aws_settings()) as provider:
        assert provider.client("comprehend").meta.endpoint_url == "https://comprehend.eu-central-1.amazonaws.com"


def test_a_machine_without_a_role_is_told_and_the_environments_keys_are_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "somebody-else's")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(CloudNotConfigured, match="INTELLICV_AWS_CREDENTIAL"):
        AwsProvider(aws_settings(credential="machine")).offer(Capability.SECRETS)


def test_a_wrong_key_is_denied_and_not_shown(doubles: FaultProxy, tmp_path: Path) -> None:
    given = double_settings(doubles, tmp_path, access_key_id="AKIAWRONG", secret_access_key="the-wrong-secret")
    with opened_provider(given) as provider, pytest.raises(CloudDenied) as caught:
        provider.offer(Capability.TEXT).language("This is a test.", deadline=Deadline(20))
    assert "wrong" not in str(caught.value).lower()


ASK = [Message("assistant", "Hello."), Message("user", "Hello."), Message("user", "Who are you?")]


def ask(provider: AwsProvider, messages: list[Message], **given: Any) -> Any:
    options: dict[str, Any] = {"max_tokens": 50, "temperature": 1.7, "schema": None, "deadline": Deadline(20)}
    return provider.offer(Capability.GENERATION).generate(messages, **{**options, **given})


def test_who_speaks_twice_is_one_turn_and_the_user_begins(minds: AwsProvider) -> None:
    assert ask(minds, ASK[1:]).text == "You said: Who are you?"
    with pytest.raises(CloudInvalid):
        ask(minds, ASK)


def test_a_schema_of_something_else_than_an_object_is_refused(minds: AwsProvider) -> None:
    for schema in ({"type": "string"}, {"type": "nothing"}):
        with pytest.raises(CloudInvalid):
            ask(minds, ASK[1:], schema=schema)


def test_a_model_without_a_temperature_is_asked_without_from_then_on(tmp_path: Path) -> None:
    with aws_doubles(untempered=True) as proxy, opened_provider(double_settings(proxy, tmp_path)) as provider:
        assert ask(provider, ASK[1:]).text
        assert ask(provider, ASK[1:]).text
        assert len(proxy.seen) == 3


def test_what_a_filter_stopped_is_no_answer(tmp_path: Path) -> None:
    with aws_doubles(stops="guardrail_intervened") as proxy, opened_provider(double_settings(proxy, tmp_path)) as aws:
        with pytest.raises(CloudInvalid, match="filter"):
            ask(aws, ASK[1:])
        with pytest.raises(CloudInvalid, match="filter"):
            list(
                aws.offer(Capability.GENERATION).stream(ASK[1:], max_tokens=50, temperature=0.1, deadline=Deadline(20))
            )


def test_a_text_of_more_bytes_than_a_call_takes_is_asked_about_in_pieces(
    minds: AwsProvider, doubles: FaultProxy
) -> None:
    asked = len(doubles.seen)
    text = ("Die Lösung war wunderbar und schön. " * 200)[:5_000]
    found = minds.offer(Capability.TEXT).sentiment(text, language="de", deadline=Deadline(20))
    assert found.label == "positive"
    assert len(doubles.seen) - asked == 2
    assert minds.offer(Capability.TEXT).sentiment("Ж" * 5_000, language="de", deadline=Deadline(20)).label


def test_a_space_is_named_for_the_model_not_for_the_way_to_it() -> None:
    names = ("cohere.embed-v4:0", "eu.cohere.embed-v4:0", "arn:aws:bedrock:eu-central-1:1:x/eu.cohere.embed-v4:0")
    spaces = {
        AwsProvider(aws_settings(bedrock_embedding_model=name)).offer(Capability.EMBEDDINGS).space() for name in names
    }
    assert spaces == {"aws/cohere.embed-v4:0/1024"}


def test_the_given_names(moto: Moto, doubles: FaultProxy, tmp_path: Path) -> None:
    stores = AWSIntegrationFramework(load_cloud_settings(aws=moto_settings(moto)))
    assert stores.upload_to_s3(b"content", "given/a.txt", metadata={"kind": "cv"}) == "given/a.txt"
    assert stores.download_from_s3("given/a.txt") == b"content"
    assert [item["path"] for item in stores.list_objects("given/")] == ["given/a.txt"]
    stores.delete_object("given/a.txt")
    assert stores.list_objects("given/") == []
    version = stores.set_secret("given", "value")
    assert stores.get_secret("given") == stores.get_secret("given", version) == "value"
    assert "given" in [item["name"] for item in stores.list_secrets()]
    stores.log_metric("given.metric", 1.0, "ms", page="home")
    stores.log_event("given.event", {"a": "b"})
    stores.close()
    minds = AWSIntegrationFramework(load_cloud_settings(aws=double_settings(doubles, tmp_path)))
    assert minds.analyze_text_sentiment("I love it, it was great.", "en")["label"] == "positive"
    assert minds.extract_key_phrases("Data engineers like Apache Kafka.", "en")
    assert minds.detect_language("This is a test of the language.")["code"] == "en"
    assert minds.generate_content("Who are you?") == "You said: Who are you?"
    assert len(minds.get_embeddings(["a", "b"])) == 2
    assert hasattr(minds.get_bedrock_client(), "converse")
    minds.close()


def test_a_body_is_signed_by_its_checksum_and_not_hashed_again(moto: Moto) -> None:
    with opened_provider(moto_settings(moto)) as provider:
        client = provider.client("s3")
        sent: list[tuple[str, str, str]] = []

        def note(request: Any, **_: Any) -> None:
            names = ("X-Amz-Content-SHA256", "Authorization", "User-Agent")
            sent.append(tuple(str(request.headers.get(name, b"")) for name in names))  # type: ignore[arg-type]

        client.meta.events.register_last("before-send.s3", note)
        blobs = provider.offer(Capability.BLOBS)
        with spooled(b"x" * 1000, most=1000) as body:
            blobs.put(
                "signed",
                body.rewound(),
                size=body.size,
                sha256=body.sha256,
                content_type="text/plain",
                metadata={},
                condition=Condition(),
                deadline=Deadline(20),
            )
        assert blobs.stat("signed", deadline=Deadline(20)).modified_at.tzinfo is not None
    digest, authorization, agent = next(each for each in sent if "checksum-sha256" in each[1])
    assert "UNSIGNED-PAYLOAD" in digest and "x-amz-checksum-sha256" in authorization and "intellicv" in agent
    assert all("UNSIGNED" not in each[0] for each in sent if "checksum-sha256" not in each[1])
