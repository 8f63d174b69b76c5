#!/usr/bin/env python3
"""Promises that name a time, shown by a release binary whose clock is moved by libfaketime.

    scripts/faketime.py DAYBOOK

Prints a line for each; exit 1 where one is not kept. The tests show the same with a clock that is
handed in; this shows that nothing in the real program reads another one.
"""
import glob
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time

MINUTE, HOUR, DAY = 60, 3_600, 86_400
OWNER, PASSWORD = "owner@example.com", "correct pony battery staple"
# Certificates that the moved clock renewed are of the future to this program.
NO_CHECK_TIME = 0x200000


def free_port():
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return made.getsockname()[1]


class Instance:
    def __init__(self, daybook, folder):
        self.daybook, self.data = daybook, f"{folder}/data"
        self.now, self.port = f"{folder}/now", free_port()
        library = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        if not library:
            sys.exit("libfaketime is not installed: apt-get install -y faketime")
        self.env = os.environ | {
            "LD_PRELOAD": library[0],
            "FAKETIME_TIMESTAMP_FILE": self.now,
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.at = 0
        self.move_to(0)
        self.run("init", "--owner", OWNER, "--workspace", "Acme", "--password-stdin", said=PASSWORD)
        serve = [daybook, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}"]
        serve += ["--set", "advisories.source=off", "--set", "limits.guesses_per_minute=1000"]
        self.log = open(f"{folder}/log", "w+")
        self.process = subprocess.Popen(serve, env=self.env, stderr=self.log)
        for _ in range(100):
            if "Daybook is at" in open(f"{folder}/log").read():
                break
            time.sleep(0.1)
        self.context = ssl.create_default_context(cafile=f"{self.data}/tls/local-ca.pem")
        self.context.verify_flags |= NO_CHECK_TIME

    def run(self, *arguments, said=None):
        command = [self.daybook, *arguments, "--data", self.data]
        done = subprocess.run(command, env=self.env, input=said, text=True, capture_output=True)
        if done.returncode:
            sys.exit(f"{' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def move_to(self, seconds):
        self.at = seconds
        with open(f"{self.now}.new", "w") as file:
            file.write(f"+{seconds}\n")
        os.replace(f"{self.now}.new", self.now)

    def ask(self, method, path, headers=None, body=None):
        connection = http.client.HTTPSConnection("localhost", self.port, context=self.context)
        headers = dict(headers or {})
        if body is not None:
            body, headers["Content-Type"] = json.dumps(body), "application/json"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def letter_link(self, kind):
        mails = json.loads(self.run("do", "identity.list_mails"))["mails"]
        for mail in mails:
            printed = json.loads(self.run("do", "identity.print_mail", "--input", json.dumps({"id": mail["id"]})))
            found = re.search(rf"/{kind}/([\w-]+)", printed["text"])
            if found:
                return found[1]
        sys.exit(f"no letter holds a link of {kind}")


class Session:
    def __init__(self, instance):
        self.instance = instance
        status, headers, body = instance.ask(
            "POST", "/api/v1/identity.sign_in", body={"email": OWNER, "password": PASSWORD}
        )
        assert status == 200, body
        self.take(headers)

    def take(self, headers):
        for cookie in headers.get_all("Set-Cookie") or []:
            if cookie.startswith("__Host-daybook="):
                self.cookie = cookie.split(";")[0]

    def used(self):
        status, headers, _ = self.instance.ask(
            "GET", "/api/v1/identity.list_sessions", {"Cookie": self.cookie}
        )
        self.take(headers)
        # That it was used is noted a moment later, and not by a clock that has moved on.
        time.sleep(2)
        return status

    def make_token(self, name):
        headers = {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin"}
        status, shown, page = self.instance.ask("GET", "/account/security", headers)
        assert status == 200, page
        headers["X-Daybook-Csrf"] = re.search(r'name="csrf" value="([^"]+)"', page)[1]
        given = [it.split(";")[0] for it in shown.get_all("Set-Cookie") or []]
        headers["Cookie"] = "; ".join([self.cookie, *given])
        body = {"name": name, "scopes": ["team.show_roles"]}
        status, _, answer = self.instance.ask("POST", "/api/v1/acme/team.create_api_token", headers, body)
        return status, json.loads(answer)


FAILED = []


def shown(row, what, seen, expected):
    good = seen == expected
    print(f"{'kept' if good else 'NOT KEPT':8}  {row:8}  {what}: {seen}", flush=True)
    if not good:
        FAILED.append(row)


def inactivity(instance):
    start, session = instance.at, Session(instance)
    last = start
    for days in (6.9, 13.8):
        instance.move_to(start + int(days * DAY))
        shown("SESS-02", f"used again {(instance.at - last) / DAY:.1f} days after its last use", session.used(), 200)
        last = instance.at
    instance.move_to(last + 7 * DAY + MINUTE)
    shown("SESS-02", "unused for 7 days and a minute", session.used(), 401)


def age(instance):
    start, session = instance.at, Session(instance)
    for days in (6, 12, 18, 24):
        instance.move_to(start + days * DAY)
        session.used()
    instance.move_to(start + 30 * DAY - HOUR)
    shown("SESS-03", "used all along, 30 days less an hour old", session.used(), 200)
    instance.move_to(start + 30 * DAY + MINUTE)
    shown("SESS-03", "used all along, 30 days and a minute old", session.used(), 401)


def step_up(instance):
    start, session = instance.at, Session(instance)
    instance.move_to(start + 9 * MINUTE)
    status, made = session.make_token("scan")
    shown("MFA-02", "a token is made 9 minutes after the factor", status, 200)
    instance.move_to(start + 11 * MINUTE)
    status, refused = session.make_token("late")
    shown("MFA-02", "and 11 minutes after it", (status, refused.get("code")), (403, "step_up_required"))
    return made["token"], start + 9 * MINUTE


def token_age(instance, token, made_at):
    bearer = {"Authorization": f"Bearer {token}"}
    ask = lambda: instance.ask("GET", "/api/v1/acme/team.show_roles", bearer)[0]
    instance.move_to(made_at + 90 * DAY - HOUR)
    shown("AUTH-04", "an API token, 90 days less an hour old", ask(), 200)
    instance.move_to(made_at + 90 * DAY + MINUTE)
    shown("AUTH-04", "an API token, 90 days and a minute old", ask(), 401)


def links(instance):
    for minutes, good in ((31, 403), (29, 200)):
        start = instance.at
        instance.ask("POST", "/api/v1/identity.request_reset", body={"email": OWNER})
        time.sleep(2)
        reset = {"token": instance.letter_link("reset"), "new_password": PASSWORD + " again"}
        instance.move_to(start + minutes * MINUTE)
        status = instance.ask("POST", "/api/v1/identity.reset_password", body=reset)[0]
        shown("AUTH-05", f"a reset link is used after {minutes} minutes", status, good)
    start = instance.at
    invited = json.dumps({"email": "grace@example.com", "role": "Viewer"})
    instance.run("do", "team.invite_member", "--workspace", "acme", "--input", invited)
    time.sleep(2)
    path = "/api/v1/identity.show_invitation?token=" + instance.letter_link("invitation")
    for hours, good in ((71, 200), (73, 403)):
        instance.move_to(start + hours * HOUR)
        shown("RBAC-12", f"an invitation is looked at after {hours} hours", instance.ask("GET", path)[0], good)


def main():
    with tempfile.TemporaryDirectory() as folder:
        instance = Instance(os.path.realpath(sys.argv[1]), folder)
        try:
            inactivity(instance)
            age(instance)
            token, made_at = step_up(instance)
            token_age(instance, token, made_at)
            links(instance)
        finally:
            instance.process.terminate()
            instance.process.wait()
    sys.exit(1 if FAILED else 0)


main()
