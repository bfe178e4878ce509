"""What is left of a name that others chose."""

import pytest

from latchkey_look.readable import readable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Acme Sync", "Acme Sync"), ("Reads.\r\n\tWrites.\u2028Ends.", "Reads. Writes. Ends."),
        ("A" + "\u00a0\u3000 " * 90 + "B", "A B"), ("Sync \u202egnihtemos", "Sync gnihtemos"),
        ("La\u200btch\u2060key\ufeff", "Latchkey"), ("\u3164\u115f\u2800\u00ad\u034f\U000e0041 ", ""),
        ("e\u0301\u0323 Vie\u0323\u0302t", "e\u0301\u0323 Vie\u0323\u0302t"),
        ("Z" + "\u0336\u0310\u0312" * 30 + "!", "Z\u0336\u0310\u0312!"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("👩\u200d💻 ❤\ufe0f 🇩🇪", "👩\u200d💻 ❤\ufe0f 🇩🇪"),
        ("x" * 201, "x" * 199 + "…"), ("<b>&amp;", "<b>&amp;"),
    ],
)  # fmt: skip
def test_a_name_is_one_line_without_what_hides_or_turns(text, shown):
    assert readable(text) == shown
