"""Run training containers as processes of the training program, each with its own thread and /opt/ml."""

import logging
import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from sagescene_standin.sagemaker.checkpoints import CheckpointMirror
from sagescene_standin.sagemaker.collaborators import split_s3_url
from sagescene_standin.sagemaker.container import Emit, Phase, Plan
from sagescene_standin.sagemaker.opt_ml import download_object, pack_model, read_failure, write_configuration
from sagescene_standin.sagemaker.options import TrainingProgram

_IMPORT_ROOT = Path(__file__).resolve().parents[2]
_logger = logging.getLogger(__name__)


class ProcessLauncher:
    """A Launcher that starts one process a job."""

    def __init__(self, program: TrainingProgram) -> None:
        """Take the program that stands for the algorithm."""
        self._program = program
        self._runs: list[ProcessRun] = []

    def start(self, plan: Plan, emit: Emit) -> "ProcessRun":
        """Start a run in a thread of its own."""
        run = ProcessRun(plan, emit, self._program)
        self._runs = [one for one in self._runs if one.phase is not Phase.ENDED] + [run]
        return run

    def close(self) -> None:
        """Kill every process and wait until their folders are gone."""
        for run in self._runs:
            run.kill()
        for run in self._runs:
            run.join()


class ProcessRun:
    """One container's life, driven by a thread; the service looks at `phase` and `failure`."""

    def __init__(self, plan: Plan, emit: Emit, program: TrainingProgram) -> None:
        """Begin at once."""
        self._plan, self._emit, self._objects, self._program = plan, emit, plan.objects, program
        self.phase = Phase.DOWNLOADING
        self.failure: str | None = None
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._cancelled = self._is_reclaimed = False
        self._checkpoints: CheckpointMirror | None = None
        self._thread = threading.Thread(target=self._live, name=f"training {plan.job_name}", daemon=True)
        self._thread.start()

    def terminate(self) -> None:
        """Send SIGTERM, or give up the download when the process has not begun."""
        with self._lock:
            self._cancelled = True
            if self._process is not None:
                self._process.terminate()

    def kill(self) -> None:
        """Send SIGKILL, or give up the download when the process has not begun."""
        with self._lock:
            self._cancelled = True
            if self._process is not None:
                self._process.kill()

    def reclaim(self) -> None:
        """End the process with its instance: what it has printed is still told, and nothing more is stored."""
        self._is_reclaimed = True
        self.kill()

    def join(self) -> None:
        """Wait for the end."""
        self._thread.join()

    def _live(self) -> None:
        root = Path(tempfile.mkdtemp(prefix="opt-ml-"))
        try:
            self._go_through_phases(root)
        except Exception as error:
            _logger.exception("the run of training job %s broke", self._plan.job_name)
            self.failure = f"InternalServerError: We encountered an internal error. Please try again. ({error!r})"
        finally:
            shutil.rmtree(root, ignore_errors=True)
            self.phase = Phase.ENDED

    def _go_through_phases(self, root: Path) -> None:
        write_configuration(root, self._plan)
        self.failure = self._download(root)
        if self.failure is None and self._open_process(root):
            self.phase = Phase.TRAINING
            self.failure = self._train(root)
        if self._is_reclaimed:
            return
        self.phase = Phase.UPLOADING
        if self.failure is None or self._cancelled:
            self.failure = self._upload(root) or self.failure

    def _download(self, root: Path) -> str | None:
        for channel in self._plan.channels:
            url = channel["DataSource"]["S3DataSource"]["S3Uri"]
            bucket, prefix = split_s3_url(url)
            failed = f"ListObjectsV2 failed for {url}"
            try:
                for key in self._objects.list_keys(bucket, prefix):
                    if self._cancelled:
                        return None
                    # The words of https://github.com/aws/amazon-sagemaker-examples/issues/4384
                    failed = f"Unable to download object s3://{bucket}/{key}"
                    if "//" in key:  # the words of aws-samples/generative-ai-on-amazon-sagemaker, pull request 242
                        illegal = f"S3 key: s3://{bucket}/{key} has an illegal char sub-sequence '//' in it"
                        return f"ClientError: Data download failed:Failed to download data. {illegal}"
                    download_object(root, channel, key, self._objects)
            except Exception as error:  # whatever the store raises is what SageMaker words like this
                return f"ClientError: Data download failed:{failed} ({error})"
        return self._restore_checkpoints(root)

    def _restore_checkpoints(self, root: Path) -> str | None:
        url = self._plan.checkpoints_url
        if not url:
            return None
        self._checkpoints = CheckpointMirror(root, url, self._objects)
        try:
            self._checkpoints.restore()
        except Exception as error:  # as above; the words are ours, as below
            return f"ClientError: Checkpoint download failed:Unable to download the objects below {url} ({error})"
        return None

    def _store_checkpoints(self) -> str | None:
        try:
            if self._checkpoints is not None:
                self._checkpoints.store()
        except Exception as error:
            url = self._plan.checkpoints_url
            return f"ClientError: Checkpoint upload failed:Unable to copy the folder to {url} ({error})"
        return None

    def _open_process(self, root: Path) -> bool:
        with self._lock:
            if self._cancelled:
                return False
            self._process = subprocess.Popen(  # nosec B603 # noqa: S603  # our own interpreter and module
                [self._program.python, "-m", self._program.module, "--root", str(root)],
                cwd=root,
                env=self._environment(root),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,  # Ctrl-C in the terminal is for the stack, which then stops its containers
            )
        return True

    def _environment(self, root: Path) -> dict[str, str]:
        # Never the stack's own environment: a container on AWS sees none of it, and it may hold credentials.
        return {
            "PATH": os.defpath,
            "PYTHONPATH": str(_IMPORT_ROOT),
            "PYTHONUNBUFFERED": "1",
            "LANG": "C.UTF-8",
            "HOME": str(root),
            # The matrices are small: more threads only get into each other's way (measured on 2 cores: half the speed,
            # and on busy ones a fifth of MXNet's, whose engine has further threads of its own).
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "AWS_REGION": self._plan.region,
            "TRAINING_JOB_NAME": self._plan.job_name,
            "TRAINING_JOB_ARN": self._plan.job_arn,
        }

    def _train(self, root: Path) -> str | None:
        process = self._process
        if process is None or process.stdout is None:
            raise RuntimeError("the training process was never opened")
        unstored = None
        with process:
            for line in process.stdout:
                if unstored:
                    continue
                if line.strip():
                    # What was printed before the instance was taken away, but no file any more.
                    unstored = None if self._is_reclaimed else self._store_checkpoints()
                    self._emit(line.rstrip("\n"))
                if unstored:
                    self.kill()
        if self._is_reclaimed:
            return None
        exit_code = process.returncode if process.returncode >= 0 else 128 - process.returncode
        return unstored or read_failure(root, exit_code) or self._store_checkpoints()

    def _upload(self, root: Path) -> str | None:
        archive = root / "model.tar.gz"
        if not pack_model(root, archive):
            return None
        try:
            self._objects.upload(archive, *split_s3_url(self._plan.artifact_url))
        except Exception as error:  # as in _download
            return f"ClientError: Artifact upload failed:Unable to upload object {self._plan.artifact_url} ({error})"
        return None
