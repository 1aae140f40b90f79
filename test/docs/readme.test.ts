import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../client/program.ts';
import { loadConfig, parseConfig } from '../../worker/config/config.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const decisions = readdirSync(join(root, 'docs/adr')).map((file) => `docs/adr/${file}`);
const guides = [
  'docs/add-a-platform.md',
  'docs/cli.md',
  'docs/failure-modes.md',
  'docs/gates.md',
  'docs/operations.md',
  'docs/platforms.md',
  'docs/slack.md',
  'docs/tutorial.md',
];
const pages = ['README.md', 'CONTRIBUTING.md', 'AGENTS.md', ...guides, ...decisions];

/** Returns the text of every code block in this language. */
const blocks = (text: string, language: string) =>
  [...text.matchAll(/^ *```(\w*)[^\n]*\n([\s\S]*?)^ *```$/gm)]
    .filter(([, named]) => named === language)
    .map(([, , body = '']) => body);

/**
 * Returns every command that a reader can type: the lines of sh blocks, and the code in sentences.
 */
function commands(text: string): string[] {
  const lines = blocks(text, 'sh').flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'));
  const inline = [...text.replace(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/`([^`\n]+)`/g)];
  return [...lines, ...inline.map(([, code = '']) => code)].map((line) => line.trim());
}

/** Splits a line into words, as a shell does. Text in double quotes is one word. */
const words = (line: string) =>
  (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^"|"$/g, ''));

const isPlimsoll = (line: string) => /^plimsoll [a-z]/.test(line);
/** Commands of npm that need no script in package.json. */
const npmsOwn = ['install', 'ci'];
const isNpm = (line: string) => /^npm [a-z]/.test(line);

/**
 * Parses a command with the real program, but does not run the command. Returns 'understood' or the
 * error message.
 */
async function parsed(line: string): Promise<string> {
  let chosen = 'nothing was chosen';
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const quiet = { stdout: nowhere, stderr: nowhere };
  const program = await createProgram(async () => void (chosen = 'understood'), quiet);
  const [, rest = ''] = line.split(/plimsoll (.*)/);
  try {
    await program.parseAsync(words(rest), { from: 'user' });
    return chosen;
  } catch (error) {
    return (error as Error).message;
  }
}

describe.each(pages)('%s', (page) => {
  const text = read(page);

  it('names only commands and options that the program has', async () => {
    const lines = commands(text).filter(isPlimsoll);
    const answers = await Promise.all(lines.map(async (line) => [line, await parsed(line)]));
    expect(answers).toEqual(lines.map((line) => [line, 'understood']));
  });

  it('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = commands(text)
      .filter(isNpm)
      .map((line) => words(line)[line.startsWith('npm run') ? 2 : 1]);
    const known = (script = '') => npmsOwn.includes(script) || script in scripts;
    expect(named.filter((script) => !known(script))).toEqual([]);
  });

  it('links only to files and headings that are there', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !isThere(page, link))).toEqual([]);
  });

  it('names only paths of this repository that are there', () => {
    const named = [...text.matchAll(/`([\w.{},/-]+\/[\w.{},/-]*)`/g)].flatMap(([, path = '']) =>
      spread(path),
    );
    const ours = named.filter((path) => topLevel.includes(path.split('/')[0] ?? ''));
    expect(ours.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

const topLevel = readdirSync(root).filter((name) => name !== 'node_modules');

/** Expands braces as a shell does. For example, `a/{b,c}.ts` becomes `a/b.ts` and `a/c.ts`. */
function spread(path: string): string[] {
  const [, before = '', inside = '', after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? [];
  return inside ? inside.split(',').map((part) => before + part + after) : [path];
}

/** Returns the anchor that GitHub makes from a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

function isThere(page: string, link: string): boolean {
  if (/^https?:/.test(link)) return true;
  const [path = '', anchor] = link.split('#');
  const file = path ? relative(root, join(root, dirname(page), path)) : page;
  if (!existsSync(join(root, file))) return false;
  const headings = [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => anchorOf(text));
  return anchor === undefined || headings.includes(anchor);
}

it('the configuration in the README is accepted, and has at most twelve lines', () => {
  const [yaml = ''] = blocks(read('README.md'), 'yaml');
  const config = parseConfig(yaml, 'README.md');
  expect(Object.keys(config.projects['shop']?.environments ?? {})).toEqual(['production']);
  expect(yaml.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
});

it('the example that the README links is accepted', async () => {
  await expect(loadConfig(join(root, 'examples/plimsoll.yaml'))).resolves.toBeDefined();
});

it('the example for CI is YAML, and its steps are commands that the program has', async () => {
  const { jobs } = parse(read('examples/github-actions.yml')) as {
    jobs: Record<string, { steps: { run?: string }[] }>;
  };
  const runs = Object.values(jobs).flatMap(({ steps }) => steps.map(({ run = '' }) => run));
  const ours = runs.filter(isPlimsoll);
  expect(ours).toHaveLength(1);
  expect(await parsed(ours[0] ?? '')).toBe('understood');
  expect(read('docs/cli.md')).toContain(ours[0]);
});

it('the README takes a first deploy through all it needs', () => {
  const verbs = (text: string) =>
    commands(text)
      .filter(isPlimsoll)
      .map((line) => line.split(' ')[1]);
  expect(verbs(read('README.md'))).toEqual(
    expect.arrayContaining(['up', 'plan', 'deploy', 'approve', 'watch', 'rollback']),
  );
  expect(read('README.md')).toContain('`plimsoll doctor --live`');
});

it('the README is short enough to be read', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(120);
});

it('AGENTS.md is short enough to be read', () => {
  expect(read('AGENTS.md').split('\n').length).toBeLessThanOrEqual(41);
});
