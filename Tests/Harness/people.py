"""People of the test tenant. Each test makes its own, so that no test depends on another's."""

import itertools
from dataclasses import dataclass

_numbers = itertools.count(1)


@dataclass
class Person:
    username: str
    name: str
    phone: str  # as a person types it; stored as +86…
    email: str
    employee_id: str
    groups: tuple = ("engineering",)
    password: str | None = None  # what the person would type now; None before the first sign-in
    password_hash: str | None = None  # from another system, for the first time that the document is applied

    def document(self):
        """The person as `gatehouse apply` reads one; without a password, as an administrator creates them."""
        document = {
            "username": self.username,
            "name": self.name,
            "phone": self.phone,
            "email": self.email,
            "employeeID": self.employee_id,
            "groups": list(self.groups),
        }
        return document if self.password_hash is None else {**document, "passwordHash": self.password_hash}


def someone():
    number = next(_numbers)
    return Person(
        username=f"person{number}",
        name=f"王小{'一二三四五六七八九十'[number % 10]} {number}",
        phone=f"138{number:08d}",
        email=f"person{number}@acme.example",
        employee_id=f"E{number:04d}",
    )


PASSWORD = "Quiet-Harbour-42"
# Of that password: bcrypt 5.0.0 from PyPI, cost 10.
PASSWORD_HASH = "$2b$10$2sXXeV8eMQhT5obq48FGWul/.xYxKduHvZV1FLXRrfdmZmRZxmUUi"
