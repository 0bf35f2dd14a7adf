import pytest

from patchline.gateway.dialogue import DialogueError, read_answer


def test_a_message_needs_only_its_text():
    (message,) = read_answer({"messages": [{"text": "Yes."}]}).messages
    assert (message.text, message.topic, message.sources, message.buttons, message.links) == ("Yes.", None, (), (), ())


def test_links_that_are_not_https_tel_or_mailto_are_dropped():
    hrefs = ["https://a.example", "tel:911", "mailto:a@b.example", "javascript:alert(1)", "http://a.example", "//a"]
    data = {"messages": [{"text": "Yes.", "links": [{"title": "Go", "href": href} for href in hrefs]}]}
    assert [link["href"] for link in read_answer(data).messages[0].links] == hrefs[:3]


@pytest.mark.parametrize("data", [{}, {"messages": []}, {"messages": None}, {"messages": [{"text": " "}]}])
def test_nothing_said_is_empty(data):
    with pytest.raises(DialogueError) as caught:
        read_answer(data)
    assert caught.value.reason == "empty"


@pytest.mark.parametrize(
    "data",
    [
        {"messages": "hi"},
        {"messages": ["hi"]},
        {"messages": [{"text": None}]},
        {"messages": [{"text": "a", "topic": 1}]},
        {"messages": [{"text": "a", "sources": [1]}]},
        {"messages": [{"text": "a", "sources": "steps-1"}]},
        {"messages": [{"text": "a", "buttons": [{"title": "a"}]}]},
        {"messages": [{"text": "a", "links": [{"title": "a", "href": 1}]}]},
        {"messages": [{"text": "a"}], "model": 1},
    ],
)
def test_another_shape_is_an_error(data):
    with pytest.raises(DialogueError) as caught:
        read_answer(data)
    assert caught.value.reason == "error"
