"""The table of what a chat adds to a page."""

from evaluation import readme, widget_weight
from evaluation.widget_weight import Load


def test_a_figure_is_the_median_less_that_of_the_bare_page():
    bare = [Load(500, 1, 0, 10, 1)] * 3
    loads = [Load(15_500, 2, 0, 40, 20), Load(15_500, 2, 0, 30, 11), Load(99_999, 2, 0, 900, 800)]
    text = widget_weight.render({"": bare} | {chat.name: loads for chat in widget_weight.CHATS})
    assert "| bytes over the network, gzipped | 15,000 | 15,000 | 15,000 |" in text
    assert "| requests | 1 | 1 | 1 |" in text
    assert "| main thread, ms | 30 | 30 | 30 |" in text
    assert "| of this in scripts, ms | 19 | 19 | 19 |" in text


def test_the_table_in_the_file_has_the_figures_that_the_command_writes():
    head = "| what the chat adds to a page | " + " | ".join(chat.name for chat in widget_weight.CHATS) + " |"
    written = readme.between(widget_weight.PATH)
    assert written.startswith(head)
    assert all(chat.package in written for chat in widget_weight.CHATS if chat.package)
