"""As much of CloudFormation as shows that stacks are there: made by name, listed, never run.

moto's own wants packages that the sandbox does without. A template is believed and not looked at.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from werkzeug.wrappers import Request, Response

from umetrics.sandbox.strict.unserved import unserved

NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"


@dataclass(slots=True)
class Stacks:
    """The stacks of the sandbox: name and when it was made."""

    made: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Response:
        """CreateStack and DescribeStacks; all else is said to be not served."""
        action = request.form.get("Action", "")
        if action == "CreateStack":
            name = request.form["StackName"]
            with self.lock:
                self.made[name] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            return _in_xml(action, f"<StackId>{_arn(name)}</StackId>")
        if action == "DescribeStacks":
            members = "".join(_member(name, since) for name, since in self.made.items())
            return _in_xml(action, f"<Stacks>{members}</Stacks>")
        status, headers, body = unserved(
            dict(request.headers), request.get_data() or f"Action={action}", request.path
        )
        return Response(body, status, headers)


def _member(name: str, since: str) -> str:
    return (
        f"<member><StackName>{escape(name)}</StackName><StackId>{_arn(name)}</StackId>"
        f"<CreationTime>{since}</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus></member>"
    )


def _arn(name: str) -> str:
    return f"arn:aws:cloudformation:us-east-1:123456789012:stack/{escape(name)}/sandbox"


def _in_xml(action: str, result: str) -> Response:
    body = (
        f'<{action}Response xmlns="{NAMESPACE}"><{action}Result>{result}</{action}Result>'
        f"</{action}Response>"
    )
    return Response(body, 200, {"Content-Type": "text/xml"})
