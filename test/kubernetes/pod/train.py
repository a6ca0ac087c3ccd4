"""What a user's script does with mlflow, and what it may not do; says its token, so that it can be tried afterwards."""

import json
import os
import tempfile
from pathlib import Path

import mlflow
from mlflow.exceptions import MlflowException

with mlflow.start_run() as run:
    mlflow.log_param("lr", 0.1)
    for step in range(3):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    weights = Path(tempfile.mkdtemp()) / "weights.bin"
    weights.write_bytes(bytes(range(256)))
    mlflow.log_artifact(str(weights), "model")

try:
    mlflow.MlflowClient().log_metric(os.environ["OTHER_RUN"], "loss", 0)
    refusal = None
except MlflowException as error:
    refusal = str(error)
token = os.environ["MLFLOW_TRACKING_TOKEN"]
print(json.dumps({"run": run.info.run_id, "refusal": refusal, "token": token, "version": mlflow.__version__}))
