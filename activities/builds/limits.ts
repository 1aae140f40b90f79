/**
 * How the memory of a job is limited. 'system' and 'user': systemd puts all processes of the job
 * into one cgroup with one limit. 'process': there is no such manager, so each process alone has
 * the limit.
 */
export type Manager = 'system' | 'user' | 'process';

/** The largest number of processes of a job, if a cgroup counts them. */
const mostTasks = 4096;

/** Returns the start of a command that limits the memory of the command after it. */
export function limited(manager: Manager, memoryMb: number): string[] {
  if (manager === 'process')
    // Not "ulimit -v": Node reserves far more addresses than it uses.
    return ['/bin/sh', '-c', `ulimit -c 0 && ulimit -d ${memoryMb * 1024} && exec "$@"`, 'sh'];
  return [
    'systemd-run',
    ...(manager === 'user' ? ['--user'] : []),
    ...['--scope', '--quiet', '--collect'],
    ...['--property', `MemoryMax=${memoryMb}M`, '--property', 'MemorySwapMax=0'],
    ...['--property', `TasksMax=${mostTasks}`, '--'],
  ];
}

/** A command that shows the limit of its own cgroup, in bytes. */
export const showLimit = [
  '/bin/sh',
  '-c',
  'IFS=: read -r _ _ path </proc/self/cgroup && cat "/sys/fs/cgroup$path/memory.max"',
];
