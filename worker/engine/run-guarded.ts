import { spawnGuarded } from './guarded.ts';
import type { GuardOptions } from './guarded.ts';

type RunOptions = Omit<GuardOptions, 'stdout' | 'stderr'> & {
  timeoutMs: number;
  /** Called every `everyMs` with the seconds so far; `false` ends the command. */
  onTick?: (seconds: number) => boolean | void;
  everyMs?: number;
};

/** Runs a command to its end and gives its stdout; rejects with the tail of its stderr. */
export async function runGuarded(
  command: string,
  args: string[],
  { timeoutMs, onTick, everyMs = 1000, ...options }: RunOptions,
): Promise<string> {
  const started = Date.now();
  const child = await spawnGuarded(command, args, options);
  let output = '';
  let errors = '';
  child.process.stdout?.on('data', (chunk) => (output = (output + chunk).slice(-100_000)));
  child.process.stderr?.on('data', (chunk) => (errors = (errors + chunk).slice(-4000)));
  let ended: string | undefined;
  const end = (why: string) => {
    ended ??= why;
    void child.stop();
  };
  const timer = setTimeout(() => end(`gave up after ${timeoutMs / 1000} s`), timeoutMs);
  const ticker = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    if (onTick?.(seconds) === false) end(`no progress after ${seconds} s`);
  }, everyMs);
  const code = await child.exited.finally(() => {
    clearTimeout(timer);
    clearInterval(ticker);
  });
  if (code === 0 && ended === undefined) return output;
  throw new Error(ended ?? (lastLines(errors, 5) || `ended with exit code ${code ?? 'none'}`));
}

export const lastLines = (text: string, count: number) =>
  text.trim().split('\n').slice(-count).join('\n');
