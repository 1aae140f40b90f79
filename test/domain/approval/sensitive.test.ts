import { describe, expect, test } from 'vitest';
import type { Change, Changes } from '../../../domain/approval/changes.ts';
import { migrations, payments, secrets } from '../../../domain/approval/sensitive.ts';

const side = (text: string | null, mode = '100644') => (text === null ? null : { mode, text });
/**
 * Returns a changed file. `before` or `after` is null if the file does not exist before or after
 * the change.
 */
const change = (path: string, before: string | null, after: string | null): Change => ({
  ...{ path, before: side(before), after: side(after) },
});
const from = (...files: Change[]): Changes => ({ files, unread: null, links: [] });
type Row = [string, string | null, string | null];

const finds = (find: (changes: Changes) => Change[], [path, before, after]: Row) =>
  find(from(change(path, before, after))).length > 0;

const wrangler = (...lines: string[]) => ['name = "shop"', ...lines].join('\n');
const counter = ['[[migrations]]', 'tag = "v1"', 'new_classes = ["Counter"]'];

describe('schema migrations', () => {
  test.each<Row>([
    ['supabase/migrations/20261124_cards.sql', null, 'select 1;'],
    ['prisma/migrations/1/migration.sql', 'select 1;', null],
    ['prisma/schema.prisma', 'model A {}', 'model B {}'],
    ['migrations/readme.md', 'a', 'b'],
    ['apps/shop/MIGRATIONS/001.txt', null, 'x'],
    ['db/migrate/2026_add.rb', null, 'x'],
    ['backend/alembic/versions/a.py', null, 'x'],
    ['src/drizzle/0001.ts', null, 'x'],
    ['seed.SQL', 'a', 'b'],
    ['src/main/resources/db/changelog/001.xml', null, 'x'],
    ['db/changelog/001.yaml', null, 'x'],
    ['lib/db.ts', 'x', 'x\nsql`ALTER TABLE cards ADD COLUMN n int`'],
    ['lib/db.ts', 'x', 'create\n  unique index i on cards (n)'],
    ['lib/db.ts', 'drop table if exists cards', 'x'],
    ['lib/db.ts', 'create table a (\n  n int\n)', 'create table a (\n  n text\n)'],
    ['lib/db.py', 'x', "op.add_column('cards', 'n')"],
    ['lib/db.js', 'x', 'knex.schema.createTable("cards", fill)'],
    ['wrangler.toml', wrangler(), wrangler(...counter)],
    ['workers/a/wrangler.jsonc', '{}', '{"migrations": [{"tag": "v1"}]}'],
    [
      'wrangler.toml',
      wrangler(...counter),
      wrangler(...counter.slice(0, 2), 'new_classes = [', '"A"]'),
    ],
    ['wrangler.json', '{"migrations": [{"tag": "v1"}]}', '{}'],
  ])('%s: %j → %j', (...row) => {
    expect(finds(migrations, row)).toBe(true);
  });

  test.each<Row>([
    ['src/page.ts', 'a', 'b'],
    ['docs/database.md', 'x', 'alter table cards add n int'],
    ['src/migrations.ts', 'a', 'b'],
    ['docs/changelog/001.xml', null, 'x'],
    ['changelog.yaml', 'a', 'b'],
    ['lib/db.ts', 'create table a (n int); a', 'create table a (n int); b'],
    ['wrangler.toml', wrangler('vars = 1', ...counter), wrangler('vars = 2', ...counter)],
    ['wrangler.toml', wrangler(), wrangler('compatibility_date = "2026-01-01"')],
    ['lib/menu.ts', 'x', 'create the table of contents'],
    ['sqlite.ts', 'a', 'b'],
  ])('are not %s: %j → %j', (...row) => {
    expect(finds(migrations, row)).toBe(false);
  });
});

describe('payment code', () => {
  const imported = "import { charge } from './stripe';\n";

  test.each<Row>([
    ['src/lib/stripe.ts', 'a', 'b'],
    ['app/Checkout/page.tsx', 'a', 'b'],
    ['app/api/billing/route.ts', 'a', null],
    ['payments/index.py', null, 'x'],
    ['lib/my-paypal-client.js', 'a', 'b'],
    ['invoices.rb', 'a', 'b'],
    ['lib/a.ts', `${imported}a`, `${imported}b`],
    ['lib/a.ts', `import Stripe from "stripe";\na`, 'b'],
    ['lib/a.ts', 'a', `const s = require( 'stripe' )`],
    ['lib/a.ts', 'a', "await import('@stripe/stripe-js')"],
    ['lib/a.ts', 'a', 'import { pay } from "@/lib/billing/pay"'],
    ['lib/a.py', 'import stripe\na', 'import stripe\nb'],
    ['lib/a.py', 'a', 'from paypalrestsdk import Payment'],
    ['package.json', '{"stripe": "1"}', '{"stripe": "2"}'],
    ['next.config.js', 'a', 'csp: https://js.stripe.com'],
    ['lib/env.ts', 'a', 'use(STRIPE_PRICE)'],
    ['lib/a.ts', 'a', 'fetch("https://api-m.paypal.com/v2")'],
  ])('%s: %j → %j', (...row) => {
    expect(finds(payments, row)).toBe(true);
  });

  test.each<Row>([
    ['src/page.ts', 'a', 'b'],
    ['docs/money.md', 'a', 'we take cards with Stripe'],
    ['src/table.css', 'a', '.striped { color: red }'],
    ['scripts/build.sh', 'a', 'git checkout main'],
    ['.github/workflows/ci.yml', 'a', '- uses: actions/checkout@v4'],
    ['package.json', '{"stripe": "1",\n"next": "1"}', '{"stripe": "1",\n"next": "2"}'],
    ['lib/a.ts', 'a', 'the stripes of a tiger'],
  ])('is not %s: %j → %j', (...row) => {
    expect(finds(payments, row)).toBe(false);
  });
});

describe('secrets and their names', () => {
  test.each<Row>([
    ['.env.example', 'A=', 'B='],
    ['apps/shop/.env.production', null, 'x'],
    ['.dev.vars.example', 'a', null],
    ['.sops.yaml', 'a', 'b'],
    ['config/secrets.yaml', 'a', 'b'],
    ['prod.enc.json', 'a', 'b'],
    ['certs/site.pem', 'a', 'b'],
    ['config/credentials.yml.enc', 'a', 'b'],
    ['secrets/prod.json', 'a', 'b'],
    ['group_vars/all/vault.yml', 'a', 'b'],
    ['k8s/secret.yaml', 'a', 'b'],
    ['k8s/shop.yaml', 'a', 'apiVersion: v1\nkind: Secret\ndata: {}'],
    ['k8s/shop.yml', 'kind: "Secret"\na: 1', 'kind: "Secret"\na: 2'],
    ['main.tf', 'resource "aws_secretsmanager_secret_version" "a" {}\na', 'b'],
    ['lib/a.ts', 'x', 'process.env.SESSION_SECRET'],
    ['lib/a.ts', "process.env['API_KEY']", 'x'],
    ['lib/a.ts', 'x', 'const { OPENAI_API_KEY } = process.env'],
    ['lib/a.py', 'x', 'os.environ["DATABASE_URL"]'],
    ['lib/a.ts', 'env.STRIPE_SECRET', 'env.STRIPE_SECRET_2'],
    ['worker.ts', 'x', 'env.SLACK_TOKEN'],
    ['.github/workflows/ci.yml', 'x', '${{ secrets.deploy }}'],
    ['.github/workflows/ci.yml', 'secrets: inherit', 'x'],
    ['.github/workflows/ci.yml', 'x', "secrets['deploy']"],
    ['scripts/rotate.sh', 'x', 'wrangler secret put signing'],
    ['wrangler.toml', 'x', '# SUPABASE_SERVICE_ROLE'],
  ])('%s: %j → %j', (...row) => {
    expect(finds(secrets, row)).toBe(true);
  });

  test.each<Row>([
    ['src/page.ts', 'a', 'b'],
    ['lib/a.ts', 'process.env.API_KEY; a', 'process.env.API_KEY; b'],
    ['lib/a.ts', 'x', 'process.env.PORT'],
    ['docs/setup.md', 'x', 'set SESSION_SECRET'],
    ['src/secrets/page.ts', 'a', 'b'],
    ['k8s/shop.yaml', 'a', 'kind: SecretaryOfState'],
    ['k8s/shop.yaml', 'a', 'kind: ConfigMap'],
    ['main.tf', 'a', 'resource "aws_s3_bucket" "secret" {}'],
    ['src/vault.ts', 'a', 'b'],
    ['lib/encoder.ts', 'a', 'b'],
    ['lib/a.ts', 'x', 'const token = 1'],
    ['lib/a.ts', 'x', 'keyboard, monkeys, MONKEYS'],
  ])('are not %s: %j → %j', (...row) => {
    expect(finds(secrets, row)).toBe(false);
  });

  test('a name that moves from file to file is no news', () => {
    const moved = from(
      change('a.ts', 'process.env.API_KEY', 'x'),
      change('b.ts', null, 'process.env.API_KEY'),
    );
    expect(secrets(moved)).toEqual([]);
  });
});

describe('no name hides a migration', () => {
  const link = { before: side('x', '120000'), after: side('../steps', '120000') };

  test('a folder that becomes a link or a submodule', () => {
    const path = 'supabase/migrations';
    const submodule = { mode: '160000', text: null };
    expect(migrations(from({ path, ...link }))).toHaveLength(1);
    expect(migrations(from({ path, before: null, after: submodule }))).toHaveLength(1);
  });

  test('a file behind a link', () => {
    const links = [{ path: 'supabase/migrations', target: 'db/steps' }];
    const behind = change('db/steps/001.txt', null, 'x');
    const beside = change('db/stepsons/001.txt', null, 'x');
    expect(migrations({ ...from(behind, beside), links })).toEqual([behind]);
  });

  test('a file of which only the mode changes', () => {
    const path = 'migrations/run';
    expect(migrations(from({ path, before: side('x'), after: side('x', '100755') }))).toHaveLength(
      1,
    );
  });
});
