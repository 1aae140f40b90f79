/**
 * The program that limits the memory of a job. 'system' and 'user': systemd puts all processes of
 * the job into one cgroup, so they share one limit. 'process': there is no such program, so each
 * process has its own limit.
 */
export type Manager = 'system' | 'user' | 'process';

/** The largest number of processes of a job. Only a cgroup can apply this limit. */
const mostTasks = 4096;

/** Returns the start of a command that limits the memory of the command after it. */
export function limited(manager: Manager, memoryMb: number): string[] {
  if (manager === 'process')
    // "ulimit -v" does not work here, because Node reserves far more addresses than it uses.
    return ['/bin/sh', '-c', `ulimit -c 0 && ulimit -d ${memoryMb * 1024} && exec "$@"`, 'sh'];
  return [
    'systemd-run',
    ...(manager === 'user' ? ['--user'] : []),
    ...['--scope', '--quiet', '--collect'],
    ...['--property', `MemoryMax=${memoryMb}M`, '--property', 'MemorySwapMax=0'],
    ...['--property', `TasksMax=${mostTasks}`, '--'],
  ];
}

/** A command that prints the limit of its own cgroup, in bytes. */
export const showLimit = [
  '/bin/sh',
  '-c',
  'IFS=: read -r _ _ path </proc/self/cgroup && cat "/sys/fs/cgroup$path/memory.max"',
];
