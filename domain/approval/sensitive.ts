import { changedLines, differs, fits, namesOf, type Change, type Changes } from './changes.ts';

/**
 * The kinds of changes that need approvers in every project. Each function finds the changed files
 * of one kind, by path and by content.
 */
export const sensitive = {
  'schema migrations': migrations,
  'payment code': payments,
  'secrets or their names': secrets,
} as const;

const migrationPaths = [
  '*/migrations/*',
  '*/migration/*',
  '*/migrate/*',
  '*/alembic/*',
  '*/drizzle/*',
  '*/flyway/*',
  '*/liquibase/*',
  '*/db/changelog/*',
  '*.prisma',
  '*.sql',
  '*/db/schema.rb',
];

const between = 'or|replace|unique|temp|temporary|unlogged|virtual|materialized|foreign|event';
/** Matches a whole SQL statement, because a change may be on any line of the statement. */
const ddl = new RegExp(
  `\\b(?:create|alter|drop|truncate|rename)\\s{1,20}(?:(?:${between})\\s{1,20}){0,4}` +
    '(?:table|column|index|type|view|schema|sequence|policy|trigger|function|database)\\b[^;]{0,2000}',
  'gi',
);
const builder =
  /\b(?:add|alter|change|drop|remove|rename|create)_?(?:table|column|index|constraint|foreign_?key)s?\(.{0,200}/gi;

export function migrations({ files, links }: Changes): Change[] {
  return files.filter(
    (change) =>
      fits(migrationPaths, namesOf(change, links)) ||
      durableObjects(change) ||
      (isCode(change) && (differs(change, ddl) || differs(change, builder))),
  );
}

/**
 * Returns true if the Durable Object migrations in a wrangler file changed. The pattern matches to
 * the end of the file, because a later line may change a class.
 */
const durableObjects = (change: Change) =>
  /(^|\/)wrangler\.(toml|jsonc?)$/i.test(change.path) && differs(change, /\bmigrations\b[^]*/g);

const providers = '@?stripe|paypal|braintree|adyen|mollie|razorpay|klarna|lemon-?squeezy|@paddle';
const paymentPaths = ['stripe', 'paypal', 'braintree', 'checkout', 'billing', 'payment', 'invoice'];
const imports = new RegExp(
  `(?:\\b(?:from|require|import|use)\\b[\\s(]{0,20}['"\`][^'"\`\\n]{0,200}(?:${providers}|checkout|billing|payment)` +
    `|^[ \\t]*(?:import|from|using)[ \\t]+(?:${providers}))`,
  'im',
);
const named = new RegExp(`(?<![a-z])(?:${providers})(?!d|s\\b)`, 'i');

export function payments({ files, links }: Changes): Change[] {
  const patterns = paymentPaths.map((word) => `*${word}*`);
  return files.filter(
    (change) =>
      fits(patterns, namesOf(change, links)) ||
      (isCode(change) && (importsPayment(change) || named.test(changedLines(change)))),
  );
}

const importsPayment = ({ before, after }: Change) =>
  [before, after].some((side) => imports.test(side?.text ?? ''));

const secretPaths = [
  '*/.env*',
  '*/.dev.vars*',
  '*/.sops.yaml',
  '*/secrets.y*ml',
  '*/secrets.json',
  '*/secrets/*.json',
  '*/secrets/*.y*ml',
  '*/secret.y*ml',
  '*/vault.y*ml',
  '*.enc.*',
  '*.enc',
  '*.age',
  '*.gpg',
  '*.pem',
  '*.key',
];
const variable =
  /\b[A-Z][A-Z0-9_]*(?:SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|_KEY|APIKEY|_DSN|DATABASE_URL|SERVICE_ROLE)[A-Z0-9_]*\b|\bDATABASE_URL\b|\bsecrets(?:\.\w+|: *inherit|\[[^\]]{1,100}\])|\bsecret +(?:put|delete|bulk)\b[^\n]{0,100}/g;

/** A Kubernetes manifest of the kind Secret. */
const manifest = /^[ \t]*kind:[ \t]*["']?Secret["']?[ \t]*(?:#.*)?\r?$/m;
/** Terraform code that writes into a secret store. */
const stored =
  /"(?:aws_secretsmanager_secret|google_secret_manager_secret|azurerm_key_vault_secret|kubernetes_secret|vault_generic_secret)\w*"/;

const holdsSecret = ({ path, before, after }: Change) =>
  [before, after].some(
    (side) =>
      (/\.ya?ml$/i.test(path) && manifest.test(side?.text ?? '')) ||
      (/\.tf$/i.test(path) && stored.test(side?.text ?? '')),
  );

/**
 * Returns the changed files that concern secrets. Either the path or the content of the file
 * concerns secrets, or the file gained or lost the name of a secret. A name that only moves between
 * files does not count.
 */
export function secrets({ files, links }: Changes): Change[] {
  const namesIn = (side: 'before' | 'after', change: Change) =>
    isCode(change) ? (change[side]?.text?.match(variable) ?? []) : [];
  const known = new Set(files.flatMap((change) => namesIn('before', change)));
  const wanted = new Set(files.flatMap((change) => namesIn('after', change)));
  const news = (name: string) => known.has(name) !== wanted.has(name);
  return files.filter(
    (change) =>
      fits(secretPaths, namesOf(change, links)) ||
      holdsSecret(change) ||
      [...namesIn('before', change), ...namesIn('after', change)].some(news),
  );
}

/**
 * Returns false for a Markdown file. Documentation may mention payments and secrets, but contains
 * no code.
 */
const isCode = ({ path }: Change) => !/\.md$/i.test(path);
