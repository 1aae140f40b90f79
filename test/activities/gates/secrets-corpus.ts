import { generateKeyPairSync } from 'node:crypto';

/**
 * A file with a fake secret. The tests join the parts of each secret at run time, so that no
 * scanner reports this source file.
 */
export type Planted = {
  what: string;
  file: string;
  text: string;
  secret: string;
  /**
   * true = the format of the secret shows its issuer, so the name of the variable does not matter.
   */
  isNamed?: boolean;
};

/** A generator of numbers from 0 to 1. The same seed gives the same numbers. */
export function drawing(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const lower = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const letters = `${lower}${lower.toUpperCase()}${digits}`;
const hexDigits = `${digits}abcdef`;
const capitals = `${lower.toUpperCase()}${digits}`;

type Draw = (length: number, from?: string) => string;
const drawer =
  (random: () => number): Draw =>
  (length, from = letters) =>
    Array.from({ length }, () => from[Math.floor(random() * from.length)]).join('');

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (draw: Draw, claims: object) =>
  [part({ alg: 'HS256', typ: 'JWT' }), part(claims), draw(43)].join('.');

const pem = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;

/** For each kind of key, a function that makes a fake key in the issuer's format. */
const issued: Record<string, (draw: Draw) => string> = {
  'stripe live': (draw) => `sk_${'live'}_51${draw(97)}`,
  'stripe live, short': (draw) => `sk_${'live'}_${draw(24)}`,
  'stripe restricted': (draw) => `rk_${'live'}_51${draw(97)}`,
  'stripe webhook': (draw) => `whsec${'_'}${draw(32)}`,
  'supabase service role': (draw) =>
    jwt(draw, { iss: 'supabase', ref: draw(20, lower), role: 'service_role', iat: 1700000000 }),
  'supabase secret': (draw) => `sb_${'secret'}_${draw(22)}_${draw(8)}`,
  'supabase personal': (draw) => `sbp${'_'}${draw(40, hexDigits)}`,
  'cloudflare user token': (draw) => `cfut${'_'}${draw(40)}${draw(8, hexDigits)}`,
  'cloudflare account token': (draw) => `cfat${'_'}${draw(40)}${draw(8, hexDigits)}`,
  'cloudflare origin ca': (draw) => `v1.0-${draw(24, hexDigits)}-${draw(146, hexDigits)}`,
  northflank: (draw) => jwt(draw, { uuid: draw(8), entityType: 'team', tokenId: draw(12) }),
  'vercel personal': (draw) => `vcp${'_'}${draw(56)}`,
  'vercel integration': (draw) => `vci${'_'}${draw(56)}`,
  'temporal cloud': (draw) =>
    jwt(draw, { account_id: draw(5), aud: ['temporal.io'], iss: 'temporal.io', key_id: draw(32) }),
  'gcp api key': (draw) => `AIza${draw(35)}`,
  'gcp oauth client': (draw) => `GOCSPX-${draw(28)}`,
  'slack bot': (draw) => ['xoxb', draw(12, digits), draw(13, digits), draw(24)].join('-'),
  'slack user': (draw) =>
    ['xoxp', draw(12, digits), draw(12, digits), draw(13, digits), draw(32, hexDigits)].join('-'),
  'slack app': (draw) =>
    ['xapp', '1', `A${draw(10, capitals)}`, draw(13, digits), draw(64, hexDigits)].join('-'),
  'slack webhook': (draw) =>
    `https://hooks.slack.com/services/T${draw(10, capitals)}/B${draw(10, capitals)}/${draw(24)}`,
  'github classic': (draw) => `ghp${'_'}${draw(36)}`,
  'github fine-grained': (draw) => `github_${'pat'}_${draw(22)}_${draw(59)}`,
  npm: (draw) => `npm${'_'}${draw(36)}`,
  'aws key id': (draw) => `AKIA${draw(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
  anthropic: (draw) => `sk-ant-${'api03'}-${draw(93)}AA`,
  sendgrid: (draw) => `SG${'.'}${draw(22)}.${draw(43)}`,
  'database address': (draw) => `postgres${'://'}app:${draw(20)}@db.internal.acme.dev:5432/shop`,
};

/**
 * Secrets that have no format of their own. Only the name of the variable shows that the value is a
 * secret.
 */
const assigned: [name: string, draw: (draw: Draw) => string][] = [
  ['CLOUDFLARE_API_TOKEN', (draw) => draw(40, `${letters}_-`)],
  ['CLOUDFLARE_API_KEY', (draw) => draw(37, hexDigits)],
  ['CF_API_TOKEN', (draw) => draw(40)],
  ['VERCEL_TOKEN', (draw) => draw(24)],
  ['VERCEL_AUTOMATION_BYPASS_SECRET', (draw) => draw(32)],
  ['NORTHFLANK_TOKEN', (draw) => draw(48)],
  ['NF_API_TOKEN', (draw) => draw(40)],
  ['TEMPORAL_API_KEY', (draw) => draw(64)],
  ['SLACK_SIGNING_SECRET', (draw) => draw(32, hexDigits)],
  ['SUPABASE_JWT_SECRET', (draw) => `${draw(86)}==`],
  ['SUPABASE_DB_PASSWORD', (draw) => `${draw(14)}A1!`],
  ['GOOGLE_CLIENT_SECRET', (draw) => draw(24)],
  ['GATEWAY_TOKEN', (draw) => draw(40, hexDigits)],
  ['SESSION_SECRET', (draw) => draw(44)],
  ['DATABASE_PASSWORD', (draw) => `${draw(10)}x9#Q`],
  ['JWT_SIGNING_KEY', (draw) => draw(64, hexDigits)],
  ['ADMIN_API_KEY', (draw) => draw(32)],
];

const camel = (name: string) =>
  name.toLowerCase().replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** The ways in which people write a secret into a file. */
const manners: [file: string, write: (name: string, value: string) => string][] = [
  ['.env', (name, value) => `# settings\n${name}=${value}\n`],
  ['.env.production', (name, value) => `export ${name}="${value}"\n`],
  ['src/config.ts', (name, value) => `export const ${camel(name)} = '${value}';\n`],
  ['config.json', (name, value) => JSON.stringify({ app: { [camel(name)]: value } }, null, 2)],
  ['deploy.yml', (name, value) => `env:\n  ${name}: ${value}\n`],
  ['compose.yaml', (name, value) => `environment:\n  - ${name}=${value}\n`],
  ['settings.py', (name, value) => `${name} = "${value}"\n`],
  ['wrangler.toml', (name, value) => `[vars]\n${name} = "${value}"\n`],
];

const spelled = (what: string) => `${what.replaceAll(/\W+/g, '_').toUpperCase()}_TOKEN`;

export function corpus(seed: number): Planted[] {
  const draw = drawer(drawing(seed));
  const planted = (what: string, name: string, value: (draw: Draw) => string) =>
    manners.map(([file, write]) => {
      const secret = value(draw);
      return { what: `${what} in ${file}`, file, secret, text: write(name, secret) };
    });
  const key = pem();
  const inJson = JSON.stringify({
    type: 'service_account',
    private_key_id: draw(40, hexDigits),
    private_key: key,
  });
  return [
    ...Object.entries(issued)
      .flatMap(([what, value]) => planted(what, spelled(what), value))
      .map((one) => ({ ...one, isNamed: true })),
    ...assigned.flatMap(([name, value]) => planted(name, name, value)),
    { what: 'a private key', file: 'deploy.key', secret: key, text: key },
    { what: 'a GCP account in a note', file: 'note.txt', secret: key, text: `see ${inJson}` },
    { what: 'a GCP account', file: 'account.json', secret: key, text: inJson },
    {
      what: 'a bare token in a page',
      file: 'README.md',
      ...(() => {
        const secret = issued['slack bot']!(draw);
        return { secret, text: `Then call it with ${secret}.\n` };
      })(),
    },
  ];
}
