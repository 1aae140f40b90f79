import { describe, expect, test } from 'vitest';
import { findSecrets } from '../../../activities/gates/secrets/lint.ts';
import { formats, randomSecret } from './issuer-formats.ts';

const found = async (text: string, file: string) =>
  (await findSecrets(`${text}\n`, file)).map(({ rule }) => rule);
const { hex, base64, letters, small } = randomSecret;
const issued = (rule: string) => formats.find(([name]) => name === rule)![1]();

describe('a translation is no secret', () => {
  test.each([
    ['{ "password": "Contraseña" }', 'es.json'],
    ['{ "password": "Lösenord" }', 'public/intl/messages/sv-SE.json'],
    ['{ "forgot_password_heading": "Passwort-Wiederherstellung" }', 'lang/de.json'],
    ['{ "password.confirm": "Confirmação-de-senha" }', 'pt-BR.json'],
    ['{ "oldPassword": "Mot-de-passe-précédent?" }', 'src/labels.json'],
    ['{ "password": "Пароль123!" }', 'src/labels.json'],
    ['{ "password_rule": "密码至少8位Aa1!" }', 'src/labels.json'],
    ['{ "new_password": "新しいパスワード1A" }', 'src/labels.json'],
    ['{ "secret": "Şifrenizi-sıfırlayın!" }', 'tr.json'],
    ['msgid_password = "Heslo-musí-mít-8-znaků"', 'cs.properties'],
    ['password: "Wachtwoord(minimaal8)"', 'nl.yml'],
    ['"passwordTooShort": "Hasło.za.krótkie.min.8.Znaków"', 'i18n/pl.ts'],
    ['<string name="password">Adgangskode1!</string>', 'values-da/strings.xml'],
    [String.raw`password=Heslo-mus\u00ed-m\u00edt-8-znak\u016f`, 'messages_cs.properties'],
    [String.raw`{ "password": "Contrase\u00f1a1!" }`, 'lang/es.json'],
    ['"Password": "पासवर्ड"', 'translations/hi/common.json'],
    ['"token": "Authentifizierungstoken"', 'translations/de/common.json'],
    ["password: 'Mot de passe',", 'src/i18n/fr.ts'],
    ['{ "passwordRules": "Min.8znaków,1cyfra,1WielkaLitera!" }', 'l10n/app_pl.arb'],
    ["password: 'Lykilorð(8+Stafir)',", 'src/i18n/is.ts'],
    ["'password' => 'Parolă(min.8Caractere)!',", 'resources/lang/ro/auth.php'],
    ["const labels = { password: 'Contraseña_Nueva2!' };", 'src/labels.js'],
    ['Password = "Adgangskode_Påkrævet1!"', 'App.razor'],
    ['<target id="password">Mot_de_Passe1!é</target>', 'messages.fr.xlf'],
  ])('%s in %s', async (text, file) => {
    expect(await found(text, file)).toEqual([]);
  });
});

test('a password with a letter beyond ASCII is a secret outside of translations', async () => {
  expect(await found("password: 'Frühling2024!',", 'config.ts')).toEqual(['assigned-secret']);
});

describe('a hash or a ciphertext is no secret: nobody can use it', () => {
  const bcrypt = () => `$2b$10$${letters(53)}`;
  test.each<[string, string, () => string]>([
    ['bcrypt', 'seed.ts', () => `const passwordHash = '${bcrypt()}';`],
    ['bcrypt as a password', 'users.ts', () => `password: '${bcrypt()}',`],
    ['bcrypt of PHP', 'users.php', () => `'password' => '$2y$12$${letters(53)}',`],
    [
      'argon2',
      'user.ts',
      () => `password: '$argon2id$v=19$m=65536,t=3,p=4$${letters(22)}$${letters(43)}'`,
    ],
    ['scrypt', 'a.yml', () => `password: scrypt:32768:8:1$${letters(16)}$${hex(128)}`],
    [
      'pbkdf2 of Django',
      'users.json',
      () => `{"password": "pbkdf2_sha256$600000$${letters(22)}$${base64(32)}"}`,
    ],
    ['SHA-512 of crypt', 'cloud-init.yml', () => `passwd: $6$${letters(16)}$${letters(86)}`],
    ['apr1', 'users.ini', () => `password = $apr1$${letters(8)}$${letters(22)}`],
    ['SSHA of LDAP', 'users.ldif', () => `userPassword={SSHA}${base64(24)}`],
    [
      'SCRAM of PostgreSQL',
      'a.sql',
      () => `PASSWORD 'SCRAM-SHA-256$4096:${base64(16)}$${base64(32)}:${base64(32)}';`,
    ],
    ['MySQL', 'a.yml', () => `password: "*${hex(40).toUpperCase()}"`],
    [
      'bcrypt in a label of Traefik',
      'compose.yml',
      () => `- basicauth.password=$$2y$$05$$${letters(53)}`,
    ],
    [
      'bcrypt after a user',
      'compose.yml',
      () => `BASIC_AUTH_USERS: admin:$$2y$$05$$${letters(53)}`,
    ],
    ['bcrypt with backslashes', 'a.env', () => String.raw`ADMIN_PASSWORD=\$2b\$10\$${letters(53)}`],
    [
      'bcrypt of Caddy',
      'Caddyfile',
      () => `password ${Buffer.from(`$2a$14$${letters(53)}`).toString('base64')}`,
    ],
    ['a line of .htpasswd', '.htpasswd', () => `ana:$apr1$${letters(8)}$${letters(22)}`],
    ['bcrypt of WordPress', 'wp.sql', () => `user_pass: "$wp$2y$10$${letters(53)}"`],
    ['Drupal', 'a.yml', () => `pass: '$S$D${letters(51)}'`],
    ['MD5 of PostgreSQL', 'a.sql', () => `ALTER USER shop PASSWORD 'md5${hex(32)}';`],
    ['Tomcat', 'users.xml', () => `<user password="${hex(32)}$100000$${hex(64)}"/>`],
    ['ASP.NET', 'a.yml', () => `password: 'AQAAAAIAAYag${letters(72)}'`],
    [
      'Keycloak',
      'realm.json',
      () =>
        `"secretData": "{\\"value\\":\\"${base64(64)}\\",\\"salt\\":\\"${base64(16)}\\"}", "credentialData": "{\\"hashIterations\\":27500}"`,
    ],
    [
      'SCRAM of MongoDB',
      'users.json',
      () =>
        `{"SCRAM-SHA-256":{"iterationCount":15000,"salt":"${base64(28)}","storedKey":"${base64(32)}","serverKey":"${base64(32)}"}}`,
    ],
    ['a digest of a token', 'a.ts', () => `const tokenDigest = '${hex(64)}';`],
    ['a hash of a key', 'a.ts', () => `apiKeyHash: '${hex(64)}',`],
    [
      'a sealed secret',
      'sealed.yaml',
      () => `kind: SealedSecret\nspec:\n  encryptedData:\n    DB_PASSWORD: AgB${letters(400)}`,
    ],
    [
      'SOPS',
      'secrets.yaml',
      () =>
        `password: ENC[AES256_GCM,data:${base64(12)},iv:${base64(32)},tag:${base64(16)},type:str]`,
    ],
    ['dotenvx', '.env', () => `DATABASE_PASSWORD="encrypted:BE${letters(120)}"`],
    ['KMS of Google', 'app.yaml', () => `API_SECRET: CiQA${letters(120)}`],
    ['KMS of AWS', 'serverless.yml', () => `apiSecret: AQICAHh${letters(120)}`],
    ['eyaml', 'common.eyaml', () => `db_password: ENC[PKCS7,MII${letters(200)}]`],
    ['Vault transit', 'a.yml', () => `password: vault:v1:${base64(60)}`],
    ['Fernet', 'a.yml', () => `client_secret: gAAAAAB${letters(120)}`],
    ['Jasypt', 'application.properties', () => `spring.datasource.password=ENC(${base64(24)})`],
    ['Spring Cloud', 'application.yml', () => `password: '{cipher}${hex(96)}'`],
    ['OpenSSL', 'a.env', () => `API_TOKEN=U2FsdGVkX1${letters(60)}`],
    ['Travis', '.travis.yml', () => `api_key:\n    secure: "${base64(128)}"`],
    [
      'Pulumi',
      'Pulumi.prod.yaml',
      () => `shop:apiToken:\n    secure: v1:${base64(12)}:${base64(40)}`,
    ],
  ])('%s', async (_, file, text) => {
    expect(await found(text(), file)).toEqual([]);
  });
});

describe('a value for everybody is no secret', () => {
  test.each<[string, string, () => string]>([
    [
      'Firebase',
      'firebase.js',
      () =>
        `export const config = { apiKey: "${issued('gcp-api-key')}", authDomain: "shop.firebaseapp.com" };`,
    ],
    [
      'Firebase in variables',
      '.env',
      () => `NEXT_PUBLIC_FIREBASE_API_KEY=${issued('gcp-api-key')}`,
    ],
    [
      'Firebase on Android',
      'app/google-services.json',
      () => `{"api_key":[{"current_key":"${issued('gcp-api-key')}"}]}`,
    ],
    [
      'Google Maps',
      'index.html',
      () =>
        `<script src="https://maps.googleapis.com/maps/api/js?key=${issued('gcp-api-key')}"></script>`,
    ],
    [
      'Algolia',
      'docusaurus.config.js',
      () => `algolia: { appId: 'ABCDEFGHIJ', apiKey: '${hex(32)}' }`,
    ],
    [
      'DocSearch',
      '.vitepress/config.ts',
      () => `docsearch({ apiKey: '${hex(32)}', indexName: 'shop' })`,
    ],
    ['Stripe', 'a.ts', () => `const stripeKey = 'pk_${'live'}_51${letters(97)}';`],
    ['Mapbox', 'a.ts', () => `const mapboxToken = 'pk.eyJ1${letters(60)}.${letters(22)}';`],
    ['PostHog', 'a.ts', () => `const apiKey = 'phc_${letters(43)}';`],
    ['Sentry', '.env', () => `SENTRY_DSN=https://${hex(32)}@o${small(8)}.ingest.sentry.io/4501`],
    ['Bugsnag', 'a.ts', () => `Bugsnag.start({ apiKey: '${hex(32)}' })`],
    [
      'Rollbar',
      'a.ts',
      () => `const rollbar = { accessToken: '${hex(32)}', captureUncaught: true };`,
    ],
    [
      'Supabase',
      'a.ts',
      () => `const supabaseKey = 'sb_publishable_${letters(22)}_${letters(8)}';`,
    ],
    ['New Relic', 'a.ts', () => `const config = { licenseKey: "NRJS-${hex(19)}" };`],
    ['reCAPTCHA', '.env', () => `RECAPTCHA_SITE_KEY=6L${letters(38)}`],
    ['a site key', 'a.ts', () => `const turnstileSiteKey = '0x4AAAAAAA${letters(14)}';`],
    ['Segment', 'a.ts', () => `analytics.load({ writeKey: '${letters(32)}' })`],
    ['VAPID', '.env', () => `VAPID_PUBLIC_KEY=B${letters(86)}`],
    [
      'an ssh key',
      'a.yml',
      () => `ssh_authorized_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${letters(43)}`,
    ],
  ])('%s', async (_, file, text) => {
    expect(await found(text(), file)).toEqual([]);
  });

  test.each<[string, string, () => string, string]>([
    [
      'the same key of Google on a server',
      'server.py',
      () => `key = "${issued('gcp-api-key')}"`,
      'gcp-api-key',
    ],
    [
      'the admin key of Algolia',
      'a.ts',
      () => `const algolia = { appId: 'ABCDEFGHIJ', adminApiKey: '${hex(32)}' };`,
      'assigned-secret',
    ],
    [
      'a key after the one of Bugsnag',
      'a.ts',
      () => `Bugsnag.start({ apiKey: '' }); const shopApiKey = '${hex(32)}';`,
      'assigned-secret',
    ],
    ['the secret key of Stripe', 'a.ts', () => `key: 'sk_${'live'}_51${letters(97)}'`, 'stripe'],
    [
      'the secret token of Mapbox',
      'a.ts',
      () => `const token = 'sk.eyJ1${letters(60)}.${letters(22)}';`,
      'mapbox',
    ],
  ])('but %s is one', async (_, file, text, rule) => {
    expect(await found(text(), file)).toEqual([rule]);
  });
});

describe('a placeholder is no secret', () => {
  test.each([
    ['DATABASE_URL=postgresql://shop:[password]@[host]:5432/shop', 'database.mdx'],
    ['DATABASE_URL=postgresql://shop:<password>@db.acme.dev:5432/shop', '.env'],
    ['DATABASE_URL=postgresql://shop:{password}@db.acme.dev:5432/shop', 'a.py'],
    ['DATABASE_URL=mysql://root:Passw0rd!@db.acme.dev:3306/shop', 'compose.yaml'],
    ['DATABASE_URL=postgres://user:s3cr3tP4ss@example.com/shop', 'a.ts'],
    [`SLACK=https://hooks.slack.com/services/T00000000/B00000000/${'X'.repeat(24)}`, 'README.md'],
    [`GITHUB_TOKEN=ghp_${'x'.repeat(36)}`, '.env'],
    [`STRIPE_KEY=sk_${'live'}_${'x'.repeat(24)}`, '.env'],
    [`STRIPE_KEY=sk_${'test'}_your_key_goes_here_1234`, '.env.example'],
    [`OPENAI_API_KEY=sk-${'proj'}-${'*'.repeat(48)}`, '.env'],
    [`AWS_ACCESS_KEY_ID=AKIA${'IOSFODNN7EXAMPLE'}`, '.env'],
    ['AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', '.env'],
    [`TOKEN=glpat-${'1234567890'.repeat(2)}`, 'README.md'],
    ['SESSION_SECRET=change-me-to-32-Random-Characters', '.env'],
    ['SESSION_SECRET={{ vault.session_secret_2 }}', 'a.yml'],
    ['SESSION_SECRET=__SESSION_SECRET_V1__', 'a.yml'],
    ['password: "Password123!"', 'compose.yaml'],
    ['MSSQL_SA_PASSWORD: YourStrong!Passw0rd', 'compose.yaml'],
    ['ADMIN_PASSWORD=Admin123!', '.env'],
    ['POSTGRES_PASSWORD=postgres', '.env'],
    ['  password: cGFzc3dvcmQxMjM=', 'secret.yaml'],
    ['Authorization: Basic YWRtaW46cGFzc3dvcmQ=', 'a.http'],
    ['Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'a.http'],
    ["this.hasValidated.addObjects(['newPassword', 'ne2Password'])", 'a.js'],
    ["expect(sign('test_secret')).toEqual('a')", 'a.js'],
    [
      'req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(auth)))',
      'a.go',
    ],
    ['ansible-vault view --vault-password-file vault-password format_1_1_AES256.yml', 'run.sh'],
    ['"passwordField": "user.newPassword2"', 'a.json'],
    ['TOKEN_URL=https://auth.acme.dev/oauth2/v1Token', '.env'],
    ['secretName: shop-tls-Prod-2024', 'ingress.yaml'],
    [
      `placeholder="https://hooks.slack.com/services/T1234567890/B1234567890/${'a1B2c3D4e5F6g7H8i9J0k1L2'}"`,
      'a.tsx',
    ],
    [`placeholder: "ghp_${'abcdefghijklmnopqrstuvwxyz0123456789'}"`, 'a.tsx'],
    ["const apiSecret = 'a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6';", 'a.ts'],
    ["const apiSecret = '0123456789abcdef0123456789abcdef';", 'a.ts'],
    ["password: 'abc123def456ghi789',", 'a.ts'],
    ["const apiSecret = 'some-Random-Secret-String-1';", 'a.ts'],
    ["const apiSecret = 'ThisIsASecretKey123!';", 'a.ts'],
    ['POSTGRES_PASSWORD: not-a-real-token-1A', 'compose.yaml'],
    ["password: 'TODO-fill-in-Secret-2',", 'a.ts'],
  ])('%s in %s', async (text, file) => {
    expect(await found(text, file)).toEqual([]);
  });

  test('a drawn value beside the name alone, in a test, an example or documentation', async () => {
    for (const file of ['docs/start.md', 'test/a.test.ts', 'examples/app/config.ts', 'README.md'])
      expect(await found(`const clientSecret = '${letters(40)}';`, file)).toEqual([]);
    for (const file of ['src/a.ts', 'test/.env', 'deploy.sh'])
      expect(await found(`CLIENT_SECRET="${letters(40)}"`, file)).toEqual(['assigned-secret']);
    expect(await found(`CLOUDFLARE_API_TOKEN="${letters(40)}"`, 'README.md')).toEqual([
      'assigned-secret',
    ]);
  });

  test('the letters of a key inside a picture in base64', async () => {
    const picture = `${letters(900)}/EAAA${letters(60)}+${letters(900)}`;
    expect(await found(`img = "data:image/png;base64,${picture}"`, 'a.js')).toEqual([]);
  });
});

describe('a token (JWT)', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = (claims: object) => `${part({ alg: 'HS256' })}.${part(claims)}.${letters(43)}`;
  const now = Math.floor(Date.now() / 1000);
  test.each<[string, object, string, string[]]>([
    ['that has expired', { sub: 'a', iss: 'https://acme.dev', exp: now - 100_000 }, 'a.ts', []],
    ['that is valid', { sub: 'a', iss: 'https://acme.dev', exp: now + 100_000 }, 'a.ts', ['jwt']],
    ['that never expires', { sub: 'a', iss: 'https://acme.dev' }, 'README.md', ['jwt']],
    ['of a test', { foo: 'bar', iss: 'test' }, 'test/a.test.ts', []],
    ['of nobody, in the code', { foo: 'bar', iss: 'test' }, 'src/a.ts', ['jwt']],
  ])('%s', async (_, claims, file, rules) => {
    expect(await found(`const a = '${token(claims)}';`, file)).toEqual(rules);
  });

  test('that is signed with the secret of every documentation', async () => {
    const { createHmac } = await import('node:crypto');
    const text = `${part({ alg: 'HS256' })}.${part({ iss: 'https://acme.dev' })}`;
    const signed = (secret: string) =>
      `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
    expect(await found(`a = '${signed('your-256-bit-secret')}'`, 'a.ts')).toEqual([]);
    expect(await found(`a = '${signed(letters(32))}'`, 'a.ts')).toEqual(['jwt']);
  });
});

describe('what users of other scanners reported', () => {
  test.each<[string, string, string]>([
    [
      'gitleaks#1835',
      'a.py',
      '"authentication_required": "requires authentication.", "approve_with_id": "The payment"',
    ],
    ['gitleaks#1219', 'a.ts', "`tokenizationId`: 'f865288c97ca4913887373728b8dfc4c',"],
    ['gitleaks#877', 'a.yml', 'error: Wrong username/password combination. Please-try-again-2'],
    ['gitleaks#1321', 'Jenkinsfile', "[envVar: 'A_ID', vaultKey: 'inf-vsqt-01-secret-id']"],
    ['gitleaks#1188', 'settings.yml', 'key: "_env:SALESFORCE_CLIENT_ID:REDACTED"'],
    ['gitleaks#1587', 'a.xml', '<entry key="jetbrains.mps.v8_elimination" value="executed" />'],
    [
      'gitleaks#1606',
      'Jenkinsfile',
      "withCredentials([usernamePassword(credentialsId: 'Nexus-Deploy-User-01')])",
    ],
    [
      'caulking#62',
      'new.html.erb',
      '<%= f.password_field :password, autocomplete: "new-password" %>',
    ],
    ['a type', 'hpke.pyi', 'x25519_key: x25519.X25519PrivateKey,'],
    ['chezmoi#4679', 'keybindings.json', '"key": "ctrl+shift+down",'],
    ['vice#1', 'src/i18n/fr.ts', "password: 'Mot-de-passe',"],
    [
      'acp-cli-demos#100',
      'proof.json',
      '"privateKeyHash": "0x94fa44b1c5d2e7f80918273645aabbccddeeff00112233445566778899aabbcc"',
    ],
    ['trivy#2274', 'ssh.py', `_SK_START = b"-----BEGIN OPENSSH ${'PRIVATE KEY'}-----"`],
    [
      'trufflehog#907',
      'secrets.json',
      '{ "token": "ENC[AES256_GCM,data:p673w==,iv:YY3dpQ==,tag:b8VAqQ==,type:str]" }',
    ],
  ])('%s is no secret', async (_, file, text) => {
    expect(await found(text, file)).toEqual([]);
  });

  test('trufflehog#4001 and gitleaks#395 are secrets', async () => {
    expect(await found(`REGISTRY_PASSWORD=${letters(43)}`, 'a.txt')).toEqual(['assigned-secret']);
    const two = `a = '${issued('gitlab')}'; b = '${issued('npm')}'`;
    expect((await found(two, 'a.ts')).toSorted()).toEqual(['gitlab', 'npm']);
  });
});
