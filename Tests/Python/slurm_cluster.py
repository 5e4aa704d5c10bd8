# SPDX-License-Identifier: Apache-2.0
"""A Slurm of its own on this machine: one node, own key, sockets, ports and folder.

Nothing of the system's configuration is read or changed, and nothing is left when it is stopped.
"""
import contextlib
import os
import pathlib
import secrets
import shutil
import socket
import subprocess
import tempfile
import time

PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel", "sinfo"]
PARTITION = "all"
# Seconds for a daemon to answer or to end; each takes well below one on an idle machine.
PATIENCE = 120

CONFIGURATION = """\
ClusterName=foreshadow-test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
# A requeued task waits as long as its old credential is good: 120 s without this.
AuthInfo=socket={folder}/munge.socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
# No systemd and no cgroups: those of a container are not for us.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
# The next task at once, and not up to 3 s later.
SchedulerParameters=batch_sched_delay=0
# Four tasks at a time, whatever the machine has: most of a short task is Slurm's own waiting.
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName={partition} Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def obstacle():
    """Why there can be no cluster here; nothing when there can."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [name for name in [*PROGRAMS, "setpriv"] if not shutil.which(name, path=path)]
    if missing:
        return f"no {', '.join(missing)} (Debian packages slurm-wlm, munge)"
    if os.geteuid() != 0:
        return "slurmd starts jobs as root only"
    return ""


class Cluster:
    """A running cluster; `environment` is what its commands need."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items()
               if not name.startswith(("SLURM_", "SBATCH_", "SQUEUE_"))},
            "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin",
            "SLURM_CONF": str(folder / "slurm.conf"),
        }
        self.daemons = []

    def call(self, *command):
        result = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE)
        return result.stdout.strip()

    def start(self):
        # Everybody must be able to reach munge's socket, nobody to write beside it.
        self.folder.chmod(0o711)
        for name in ["state", "spool"]:
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.touch(mode=0o400)
        key.write_bytes(secrets.token_bytes(1024))
        host = socket.gethostname().split(".")[0]
        controller_port, node_port = free_ports(2)
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            host=host, folder=self.folder, controller_port=controller_port, node_port=node_port,
            partition=PARTITION))
        self.daemon("munged", "--foreground", f"--key-file={key}", *(
            f"--{name}-file={self.folder}/munge.{name}" for name in ["pid", "log", "seed"]),
            f"--socket={self.folder}/munge.socket")
        self.wait("munged", lambda: (self.folder / "munge.socket").exists())
        self.daemon("slurmctld", "-D", "-c")
        self.daemon("slurmd", "-D", "-N", host)
        self.wait("the node", lambda: self.call("sinfo", "-h", "-o", "%T") == "idle")

    def daemon(self, *command):
        """Starts one in the foreground; it ends with this process, however that ends."""
        with open(self.folder / f"{command[0]}.out", "w") as output:
            self.daemons.append(subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *command], env=self.environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output))

    def wait(self, what, is_there):
        end = time.monotonic() + PATIENCE
        while not is_there():
            dead = any(daemon.poll() is not None for daemon in self.daemons)
            if dead or time.monotonic() > end:
                logs = "\n".join(
                    path.read_text()[-2000:] for path in sorted(self.folder.glob("*.out")))
                raise RuntimeError(f"{what} is not there:\n{logs}")
            time.sleep(0.05)

    def stop(self):
        # First the jobs: their processes are not the daemons' children.
        with contextlib.suppress(subprocess.SubprocessError, RuntimeError):
            self.call("scancel", "--user=root")
            self.wait("the end of the jobs", lambda: not self.call("squeue", "--noheader"))
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def running():
    # Not in pytest's folder: the name of a socket has room for 107 characters.
    cluster = Cluster(pathlib.Path(tempfile.mkdtemp(prefix="foreshadow-slurm-", dir="/tmp")))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
