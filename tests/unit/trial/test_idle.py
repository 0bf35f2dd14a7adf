"""A trial steps back behind whatever else the machine has to do."""

import os
import subprocess
import sys

PROGRAM = """
import os
from patchline.trial import idle
idle.step_back()
print(os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0), open('/proc/self/oom_score_adj').read())
import subprocess, sys
child = [sys.executable, '-c', 'import os; print(os.sched_getscheduler(0))']
print(subprocess.run(child, capture_output=True, text=True).stdout)
"""


def test_processor_and_memory_are_asked_for_last_also_by_what_it_starts():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    nice, policy, memory, child = done.stdout.split()
    assert (int(nice), int(policy), int(memory)) == (19, os.SCHED_IDLE, 900)
    assert int(child) == os.SCHED_IDLE


def test_a_system_that_knows_none_of_it_is_left_alone(tmp_path):
    program = f"from pathlib import Path; from patchline.trial import idle; idle.step_back(Path({str(tmp_path)!r}))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
