import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { scanTree } from '../activities/gates/scan.ts';

/**
 * Scans published packages with their sources and documentation, as the secrets gate scans a
 * commit. Each finding is a false alarm, or a key that the package publishes for its tests. The
 * last line is the number of findings in 1,000 files.
 *
 *   node bench/false-alarms.ts [DIRECTORY] [--list]
 *
 * The packages are kept in DIRECTORY, which is made if it is missing.
 */
const packages = {
  npm:
    'ghost @strapi/admin @directus/app @medusajs/dashboard next firebase stripe ' +
    '@supabase/auth-js discord.js jsonwebtoken parse-server verdaccio nodemailer mongodb ioredis ' +
    'passport jose node-forge',
  pip:
    'django flask ansible-core paramiko requests celery wagtail django-allauth pyjwt aiohttp ' +
    'sphinx authlib',
  go:
    'github.com/caddyserver/caddy/v2 github.com/traefik/traefik/v3 github.com/gin-gonic/gin ' +
    'golang.org/x/crypto github.com/golang-jwt/jwt/v5 github.com/prometheus/prometheus ' +
    'code.gitea.io/gitea github.com/gohugoio/hugo github.com/pocketbase/pocketbase',
};

const run = promisify(execFile);
const minutes = 60_000;

/** Downloads a package with its registry's own client, and unpacks it. */
const bring: Record<keyof typeof packages, (name: string, to: string) => Promise<void>> = {
  npm: async (name, to) => {
    await run('npm', ['pack', '--silent', name], { cwd: to, timeout: 5 * minutes });
  },
  pip: async (name, to) => {
    const only = ['--no-deps', '--no-binary', ':all:', '-q', '-d', to];
    await run('pip3', ['download', ...only, name], { timeout: 5 * minutes });
  },
  go: async (name, to) => {
    const env = { ...process.env, GOFLAGS: '-mod=mod' };
    const args = ['mod', 'download', '-json', `${name}@latest`];
    const { stdout } = await run('go', args, { env, cwd: to, timeout: 5 * minutes });
    const { Zip } = JSON.parse(stdout) as { Zip: string };
    await run('unzip', ['-qo', Zip, '-d', to]);
  },
};

async function fill(kind: keyof typeof packages, name: string, to: string) {
  const parts = mkdtempSync(join(tmpdir(), 'plimsoll-package-'));
  try {
    await bring[kind](name, parts);
    mkdirSync(to, { recursive: true });
    for (const file of readdirSync(parts))
      if (/\.t?(?:ar\.)?gz$/.test(file)) await run('tar', ['xzf', join(parts, file), '-C', to]);
      else await run('cp', ['-r', join(parts, file), to]);
  } finally {
    rmSync(parts, { recursive: true, force: true });
  }
}

const [directory = join(tmpdir(), 'plimsoll-false-alarms')] = process.argv
  .slice(2)
  .filter((arg) => !arg.startsWith('--'));
const listed = process.argv.includes('--list');
const sum = { files: 0, keys: 0, others: 0 };
const row = (name: string, files: number, keys: number, others: number) =>
  console.log(
    `${name.padEnd(48)} ${String(files).padStart(6)} files  ${String(keys).padStart(4)} keys  ` +
      `${String(others).padStart(4)} other findings`,
  );

for (const kind of ['npm', 'pip', 'go'] as const)
  for (const name of packages[kind].split(' ')) {
    const at = join(directory, `${kind}-${name.replaceAll(/[/@]/g, '_')}`);
    if (!existsSync(at)) await fill(kind, name, at).catch((cause: unknown) => console.error(cause));
    if (!existsSync(at)) continue;
    const { filesScanned, findings } = await scanTree(at);
    const keys = findings.filter(({ rule }) => rule === 'privatekey').length;
    row(`${kind} ${name}`, filesScanned, keys, findings.length - keys);
    if (listed)
      for (const { file, line, rule } of findings) console.log(`  ${file}:${line} ${rule}`);
    sum.files += filesScanned;
    sum.keys += keys;
    sum.others += findings.length - keys;
  }
row('all', sum.files, sum.keys, sum.others);
const rate = ((1000 * sum.others) / sum.files).toFixed(2);
console.log(`${rate} findings in 1,000 files, private keys not counted`);
