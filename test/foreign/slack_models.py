"""Judges every message and view that the tests made by the models of Slack's own SDK for Python.

Reads files of JSON lines, each {"test": FILE, "blocks": [...]} or {"test": FILE, "view": {...}}. Prints each problem and a last line.
Exit status 1: there are problems, or there was nothing to judge.
"""

import json
import logging
import sys

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

# Below this the collection is broken, not the messages good.
FEWEST = 200


# One for each way in which a message can be wrong: a judge that lets these pass judges nothing.
BAD = [
    {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]},
    {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "h"}, "colour": "red"}]},
    {"blocks": [{"type": "nonsense"}]},
    {"view": {"type": "modal", "title": {"type": "plain_text", "text": "t" * 25}, "blocks": [{"type": "divider"}]}},
]


class Unknown(logging.Handler):
    """The SDK logs fields that it does not know, and drops them."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def problems_of(content: dict, unknown: Unknown) -> list[str]:
    unknown.said.clear()
    try:
        if "view" in content:
            View(**content["view"]).to_dict()
        else:
            for block in content["blocks"]:
                parsed = Block.parse(block)
                if parsed is None:
                    return [f"a block of unknown type: {block.get('type')}"]
                parsed.to_dict()
    except (SlackObjectFormationError, TypeError, ValueError) as error:
        return [f"{type(error).__name__}: {error}", *unknown.said]
    return list(unknown.said)


def main(paths: list[str]) -> int:
    unknown = Unknown()
    logging.basicConfig(handlers=[unknown], level=logging.DEBUG, force=True)
    for number, content in enumerate(BAD):
        if not problems_of(content, unknown):
            print(f"the judge lets bad example {number} pass")
            return 1
    judged = failed = 0
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                content = json.loads(line)
                judged += 1
                found = problems_of(content, unknown)
                if found:
                    failed += 1
                    print(f"{content['test']}: {'; '.join(found)}\n  {line.strip()[:600]}")
    if judged < FEWEST:
        print(f"only {judged} messages and views were collected, fewer than {FEWEST}")
        return 1
    print(f"{judged} messages and views judged, {failed} refused")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
