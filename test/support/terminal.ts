import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './e2e.ts';

export type TerminalOptions = {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /**
   * The directory to which the test writes each block of commands as a file. The shell then runs
   * this file.
   */
  scratch: string;
  /** For each question on the screen, the answer that the test types. */
  answers: [question: RegExp, answer: (match: RegExpExecArray) => string][];
};
export type Terminal = ReturnType<typeof openTerminal>;

const end = /^<end (\d+)>$/m;
const shell = 'bash --noprofile --norc --noediting -i';
/** Turns prompts and echo off, so that the screen shows only the output of programs. */
const quiet = "PS1='' PS2=''; stty -echo; echo '<re''ady>'";

/**
 * Opens a shell on a real pseudo-terminal with script(1). Programs behave as if a person used them.
 */
export function openTerminal({ cwd, env, scratch, answers }: TerminalOptions) {
  const child = spawn('script', ['-qfec', shell, '/dev/null'], { cwd, env, stdio: 'pipe' });
  const ended = once(child, 'close');
  let screen = '';
  let [read, answered, blocks] = [0, 0, 0];
  const type = (line: string) => void child.stdin?.write(`${line}\n`);
  child.stdout?.on('data', (chunk: Buffer) => {
    screen += chunk.toString().replaceAll('\r', '');
    for (const [question, answer] of answers) {
      const asked = question.exec(screen.slice(answered));
      if (!asked) continue;
      answered = screen.length;
      type(answer(asked));
    }
  });
  type(quiet);
  const begin = async (before: string, block: string, after: string) => {
    await eventually('the shell starts', () => screen.includes('<ready>\n'));
    const file = join(scratch, `${child.pid}-${(blocks += 1)}.sh`);
    writeFileSync(file, block);
    read = screen.length;
    type(`${before}. ${file}${after}`);
  };
  const since = () => screen.slice(read);
  return {
    /** Everything that the terminal has shown so far. */
    screen: () => screen,
    /** Starts a block that ends only by Ctrl-C. */
    start: (block: string) => begin('', block, ''),
    /**
     * Runs a block and returns its output. Throws if the exit code is not `expected`. If `expected`
     * is 0, the first line that fails ends the block.
     */
    async run(block: string, expected: number): Promise<string> {
      await begin(expected === 0 ? 'set -e; ' : '', block, '; echo "<end $?>"; set +e');
      const gone = ended.then(() => Promise.reject(new Error(`the shell ended:\n${since()}`)));
      const code = await Promise.race([untilEnd(block, since), gone]);
      if (code !== expected)
        throw new Error(`exit code ${code}, not ${expected}, of:\n${block}Output:\n${since()}`);
      return since().replace(end, '');
    },
    interrupt: () => void child.stdin?.write('\x03'),
    async close() {
      if (child.exitCode === null) type('exit');
      await ended;
    },
    kill: () => kill(child),
  };
}

/**
 * The time limit of one block. It is long, because on a busy machine one watch lasts up to four
 * times its window.
 */
const timeLimitMs = 300_000;

const untilEnd = (block: string, since: () => string) =>
  eventually(`the end of:\n${block}`, () => end.exec(since()), timeLimitMs).then(
    ([, code]) => Number(code),
    (cause: Error) => {
      throw new Error(`${cause.message}:\n${since()}`, { cause });
    },
  );

const kill = ({ pid, exitCode }: ChildProcess) => {
  if (pid !== undefined && exitCode === null) process.kill(pid, 'SIGKILL');
};
