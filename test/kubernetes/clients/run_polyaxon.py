"""Runs a Polyaxonfile by the published client: says the experiment as it was created, and its end with its history
and what its jobs printed.

stdin has `port`, the name of a `project` that is made, and the `content` of the file.
"""

import json
import sys
import time

from polyaxon_client.client import PolyaxonClient

USER = "root"


def say(value: object) -> None:
    print(json.dumps(value), flush=True)


given = json.load(sys.stdin)
client = PolyaxonClient(
    host="127.0.0.1", port=given["port"], use_https=False, token="any", reraise=True, is_managed=False
)
client.project.create_project({"name": given["project"]})
experiment = client.project.create_experiment(USER, given["project"], {"content": given["content"]})
say(experiment)
at = (USER, given["project"], experiment["id"])
while experiment["last_status"] not in ("succeeded", "failed"):
    time.sleep(0.2)
    experiment = client.experiment.get_experiment(*at)
jobs = client.experiment.list_jobs(*at)["results"]
say(
    {
        **experiment,
        "statuses": [row["status"] for row in client.experiment.get_statuses(*at)["results"]],
        "jobs": [
            {**job, "log": client.experiment_job.logs(*at, job["id"], stream=False).text} for job in jobs
        ],
    }
)
