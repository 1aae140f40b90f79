import { describe, expect, test } from 'vitest';
import { findSecrets } from '../../../activities/gates/secrets/lint.ts';
import { randomSecret } from './issuer-formats.ts';

const found = async (text: string, file: string) =>
  (await findSecrets(`${text}\n`, file)).map(({ rule }) => rule);
const { hex, base64, letters } = randomSecret;
const password = () => `${letters(8)}#Q7`;

describe('a short name means a secret as well', () => {
  test.each<[string, string, (value: string) => string]>([
    ['pw', 'deploy.sh', (value) => `pw=${value}`],
    ['pass', 'src/mail.ts', (value) => `auth: { user: 'a', pass: '${value}' }`],
    ['dbPass', 'src/db.ts', (value) => `dbPass: '${value}',`],
    ['DB_PASS', 'compose.yaml', (value) => `      DB_PASS: ${value}`],
    ['db_pw', 'settings.py', (value) => `db_pw = "${value}"`],
    ['smtpPass', 'config.json', (value) => `{ "smtpPass": "${value}" }`],
    ['PGPASSWORD', 'backup.sh', (value) => `PGPASSWORD=${value} pg_dump shop`],
    ['MYSQL_PWD', 'backup.sh', (value) => `export MYSQL_PWD='${value}'`],
    ['psk', 'wpa.conf', (value) => `psk="${value}"`],
    ['passphrase', 'a.toml', (value) => `passphrase = "${value}"`],
    ['userpass', 'a.ini', (value) => `userpass = ${value}`],
    ['an element of XML', 'settings.xml', (value) => `<password>${value}</password>`],
    ['an attribute of XML', 'web.config', (value) => `<add key="SmtpPassword" value="${value}" />`],
    ['define of PHP', 'wp-config.php', (value) => `define('DB_PASSWORD', '${value}');`],
  ])('a password: %s', async (_, file, write) => {
    for (let drawn = 0; drawn < 20; drawn += 1)
      expect(await found(write(password()), file)).toEqual(['assigned-secret']);
  });

  test.each<[string, string, (value: string) => string]>([
    ['key', 'src/a.ts', (value) => `const client = open({ key: '${value}' });`],
    ['KEY', '.env', (value) => `KEY=${value}`],
    ['pat', 'a.yml', (value) => `pat: '${value}'`],
    ['tok', 'src/a.go', (value) => `tok := "${value}"`],
    ['auth', 'a.toml', (value) => `auth = "${value}"`],
    ['creds', 'src/a.rb', (value) => `creds = '${value}'`],
    ['sk', 'a.ini', (value) => `sk = ${value}`],
    ['apikey', 'a.properties', (value) => `shop.apikey=${value}`],
    ['appKey', 'src/a.kt', (value) => `val appKey = "${value}"`],
    ['PrivateKey', 'wg0.conf', (value) => `PrivateKey = ${value}`],
  ])('a key: %s', async (_, file, write) => {
    let lost = 0;
    for (let drawn = 0; drawn < 40; drawn += 1)
      if ((await found(write(letters(40)), file)).length === 0) lost += 1;
    expect(lost).toBeLessThanOrEqual(1);
  });
});

describe('a password in a phrase that has no name before it', () => {
  const rows: [string, string, (value: string) => string][] = [
    ['JSON', 'appsettings.json', (v) => `{"Default":"Server=db;User Id=sa;Password=${v};"}`],
    ['Pwd', 'appsettings.json', (v) => `"Default": "Server=db;Database=x;Uid=sa;Pwd=${v}"`],
    ['code', 'src/Shop.cs', (v) => `var cs = "Host=db;Username=shop;Password=${v}";`],
    ['XML', 'web.config', (v) => `connectionString="Data Source=db;User ID=sa;Password=${v};"`],
    ['JDBC', 'a.properties', (v) => `url=jdbc:postgresql://db/x?user=shop&password=${v}`],
    ['curl', 'run.sh', (v) => `curl -s -u admin:${v} https://api.acme.dev`],
    ['docker', 'ci.sh', (v) => `docker login -u app -p ${v} registry.acme.dev`],
    ['sshpass', 'run.sh', (v) => `sshpass -p '${v}' ssh app@acme.dev`],
    ['mysql', 'run.sh', (v) => `mysql -uroot -p${v} shop`],
    ['Redis', 'redis.conf', (v) => `requirepass ${v}`],
    ['SQL', 'users.sql', (v) => `CREATE USER shop IDENTIFIED BY '${v}';`],
    ['a pair', 'a.yml', (v) => `basicAuth: "admin:${v}"`],
    ['a pair in .env', '.env', (v) => `BASIC_AUTH=staging:${v}`],
    ['a pair in code', 'src/a.ts', (v) => `auth: 'user:${v}'`],
  ];
  const drawn = () => `${letters(12)}7q${letters(2)}X4`;

  test.each(rows)('is found: %s', async (_, file, write) => {
    let lost = 0;
    for (let tries = 0; tries < 40; tries += 1)
      if ((await found(write(drawn()), file)).length === 0) lost += 1;
    expect(lost).toBeLessThanOrEqual(1);
  });

  test.each(rows)(
    'is no secret as a placeholder, or from a variable: %s',
    async (_, file, write) => {
      for (const value of ['${PASSWORD}', 'your-password', 'changeme', '$DB_PASSWORD', 'password'])
        expect(await found(write(value), file)).toEqual([]);
    },
  );

  test('a pair of words is no secret', async () => {
    for (const value of ['oauth2:authorization', 'bearer:accessToken', 'urn:ietf:params:oauth'])
      expect(await found(`auth: '${value}'`, 'src/a.ts')).toEqual([]);
  });
});

describe('a file whose name says it', () => {
  test.each<[string, () => string, string[]]>([
    ['config/master.key', () => hex(32), ['secret-file']],
    ['config/credentials/production.key', () => hex(32), ['secret-file']],
    ['.vault-token', () => `s.${letters(24)}`, ['secret-file']],
    ['.vault_pass', () => password(), ['secret-file']],
    ['secrets/db_password.txt', () => password(), ['secret-file']],
    ['secrets/api_key', () => letters(32), ['secret-file']],
    ['jwt-secret', () => base64(32), ['secret-file']],
    ['.pgpass', () => `db.acme.dev:5432:shop:app:${password()}`, ['secret-file']],
    ['.netrc', () => `machine api.acme.dev login app password ${letters(10)}`, ['secret-file']],
    ['.my.cnf', () => `[client]\nuser=app\npassword=${letters(10)}`, ['secret-file']],
    ['.npmrc', () => `//npm.acme.dev/:_password=${base64(18)}`, ['secret-file']],
    [
      '.npmrc',
      () => `_auth=${Buffer.from(`app:${password()}`).toString('base64')}`,
      ['secret-file'],
    ],
    [
      '.docker/config.json',
      () => `{"auths":{"a":{"auth": "${Buffer.from(`app:${password()}`).toString('base64')}"}}}`,
      ['secret-file'],
    ],
    ['sitemanager.xml', () => `<Pass encoding="base64">${base64(12)}</Pass>`, ['secret-file']],
    [
      '.git-credentials',
      () => `https://app:${letters(20)}@git.acme.dev`,
      ['address-with-password'],
    ],
    ['.env', () => 'DB_PASS=correcthorse', ['assigned-secret']],
    ['.env.production', () => 'SMTP_PASSWORD=sommerregen', ['assigned-secret']],
  ])('%s', async (file, text, rules) => {
    expect(await found(text(), file)).toEqual(rules);
  });

  test.each<[string, string]>([
    ['.git/refs/heads/master', '8fee858da5796dfb37704761701bb8e800ad9ef3'],
    ['config/master.key', 'replace-with-your-key'],
    ['src/secret', 'read the documentation'],
    ['.pgpass', '# hostname:port:database:username:password'],
    ['.netrc', 'machine example.com login user password your-password'],
    ['.docker/config.json', '{"credsStore":"desktop","auths":{"a":{}}}'],
    ['.npmrc', '//npm.acme.dev/:_authToken=${NPM_TOKEN}'],
    ['.env', 'POSTGRES_PASSWORD=postgres'],
    ['.env.example', 'DB_PASS=correcthorse'],
  ])('%s holds none: %s', async (file, text) => {
    expect(await found(text, file)).toEqual([]);
  });
});
