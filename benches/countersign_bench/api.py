"""The front door, as a signed-in person uses it."""

import json
import urllib.request
from http.cookiejar import CookieJar


class Person:
    def __init__(self, address, username, password):
        self.address = address
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        mutation = "mutation($input: SignInInput!) { signIn(input: $input) { refusal { message } } }"
        answer = self.ask(mutation, {"input": {"username": username, "password": password}})
        if answer["signIn"]["refusal"]:
            raise SystemExit(f"{username} can't sign in: {answer['signIn']['refusal']['message']}")

    def ask(self, query, variables=None):
        body = json.dumps({"query": query, "variables": variables or {}}).encode()
        request = urllib.request.Request(f"{self.address}/graphql", body, {"content-type": "application/json"})
        with self.opener.open(request, timeout=30) as response:
            answer = json.load(response)
        if answer.get("errors"):
            raise SystemExit(f"GraphQL: {answer['errors'][0]['message']}")
        return answer["data"]

    def get(self, path):
        request = urllib.request.Request(self.address + path, headers={"accept": "application/dicom"})
        with self.opener.open(request, timeout=60) as response:
            return response.read()

    def case_of(self, study_instance_uid):
        """The id of the study's case, when the worklist has one."""
        nodes = self.ask("{ worklist(first: 50) { nodes { id study { studyInstanceUid } } } }")["worklist"]["nodes"]
        return next((node["id"] for node in nodes if node["study"]["studyInstanceUid"] == study_instance_uid), None)
