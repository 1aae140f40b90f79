/**
 * The format of a key whose issuer can be recognized. Every match of `pattern` contains one of the
 * `marks`. So the pattern only needs to run if the text contains one of its marks. The secret is
 * the group `secret` of the match, or the whole match if there is no such group.
 */
export type Mark = { rule: string; marks: string[]; pattern: RegExp };

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/**
 * Makes a format. A match must not follow a letter or a digit, because then it is only a part of a
 * name or of base64.
 */
const mark = (rule: string, marks: string | string[], source: string, flags = ''): Mark => ({
  rule,
  marks: [marks].flat(),
  pattern: new RegExp(`(?<![A-Za-z0-9])${source}`, `g${flags}`),
});

/**
 * The source of every format is the documentation of the issuer, or GitHub's list for secret
 * scanning.
 */
const clouds: Mark[] = [
  mark(
    'aws',
    ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    '(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])',
  ),
  mark('aws-bedrock', 'ABSK', 'ABSK[A-Za-z0-9+/]{100,}={0,2}'),
  mark('aws-bedrock', 'bedrock-api-key-', 'bedrock-api-key-[A-Za-z0-9+/]{60,}={0,2}'),
  mark('aws-mws', 'amzn.mws.', `amzn\\.mws\\.${uuid}`),
  mark('azure-storage', 'AccountKey=', 'AccountKey=(?<secret>[A-Za-z0-9+/]{86}==)'),
  mark('azure-shared-key', 'SharedAccessKey=', 'SharedAccessKey=(?<secret>[A-Za-z0-9+/]{43}=)'),
  mark(
    'azure-sas',
    ['sig='],
    'sv=20\\d\\d-\\d\\d-\\d\\d&[^\\s"\'<>]{0,200}?sig=(?<secret>[A-Za-z0-9%]{43,90})',
  ),
  mark('azure-entra', 'Q~', '[A-Za-z0-9_~.]{3}\\dQ~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])'),
  mark('azure-devops', 'AZDO', '[A-Za-z0-9]{52}JQQJ9[9D][A-Za-z0-9]{10,22}AZDO[A-Za-z0-9]{4}'),
  mark('azure-ai', 'JQQJ9', '[A-Za-z0-9]{52}JQQJ9[9D][A-Za-z0-9]{18,32}(?![A-Za-z0-9])'),
  mark('gcp-api-key', 'AIza', 'AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])'),
  mark('gcp-oauth', 'GOCSPX-', 'GOCSPX-[A-Za-z0-9_-]{28}'),
  mark('gcp-oauth', 'ya29.', 'ya29\\.[A-Za-z0-9_-]{40,}'),
  mark('gcp-oauth', '1//0', '1//0[A-Za-z0-9_-]{40,}'),
  mark(
    'gcp-service-account',
    'private_key_id',
    'private_key_id\\\\?"\\s*:\\s*\\\\?"(?<secret>[0-9a-f]{40})\\\\?"',
  ),
  mark('gcp-hmac', 'GOOG1', 'GOOG1E?[A-Z0-9]{57}(?![A-Za-z0-9])'),
  mark('digitalocean', ['dop_v1_', 'doo_v1_', 'dor_v1_'], 'do[opr]_v1_[0-9a-f]{64}'),
  mark('alibaba', 'LTAI', 'LTAI[A-Za-z0-9]{20}(?![A-Za-z0-9])'),
  mark('yandex', 'AQVN', 'AQVN[A-Za-z0-9_-]{35,38}(?![A-Za-z0-9_-])'),
  mark('yandex', 't1.', 't1\\.[A-Za-z0-9_-]{20,}={0,2}\\.[A-Za-z0-9_-]{86}={0,2}'),
  mark('scaleway', 'tk-us-', 'tk-us-[A-Za-z0-9_-]{48}'),
  mark('heroku', 'HRKU-', 'HRKU-[A-Za-z0-9_-]{36,62}'),
  mark('netlify', ['nfp_', 'nfc_', 'nfo_', 'nfb_', 'nfu_'], 'nf[pcobu]_[A-Za-z0-9_-]{36,}'),
  mark('render', 'rnd_', 'rnd_[A-Za-z0-9]{28,}'),
  mark('fly', ['fm1a_', 'fm1r_', 'fm2_'], 'fm(?:1[ar]|2)_[A-Za-z0-9+/]{100,}={0,3}'),
  mark('fly', 'fo1_', 'fo1_[A-Za-z0-9_-]{43}'),
  mark('terraform', '.atlasv1.', '[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,70}'),
  mark('vault', ['hvs.', 'hvb.', 'hvr.'], 'hv[sbr]\\.[A-Za-z0-9_-]{24,}'),
  mark('pulumi', 'pul-', 'pul-[0-9a-f]{40}(?![0-9a-f])'),
  mark(
    'doppler',
    'dp.',
    'dp\\.(?:pt|ct|sa|said|scim|audit|st(?:\\.[a-z0-9_-]{2,35})?)\\.[A-Za-z0-9]{40,44}',
  ),
  mark('1password', 'ops_', 'ops_eyJ[A-Za-z0-9+/_-]{200,}={0,3}'),
  mark(
    '1password',
    'A3-',
    'A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}',
  ),
  mark('infisical', 'st.', 'st\\.[0-9a-f]{24}\\.[0-9a-f]{32}\\.[0-9a-f]{32}'),
  mark('tailscale', 'tskey-', 'tskey-[a-z]{2,20}-[A-Za-z0-9_]{8,40}-[A-Za-z0-9_]{16,60}'),
  mark(
    'ngrok',
    ['ngrok', 'NGROK'],
    'ngrok[_-]?(?:api|auth)[_-]?(?:key|token)\\W{1,6}(?<secret>[A-Za-z0-9]{27}_[A-Za-z0-9]{21})',
    'i',
  ),
  mark('openshift', 'sha256~', 'sha256~[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])'),
  mark('age', 'AGE-SECRET-KEY-', 'AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{50,}'),
  mark(
    'akamai',
    'akab-',
    'client_secret\\W{1,6}(?<secret>[A-Za-z0-9+/]{43}=)[\\s\\S]{0,200}?akab-',
  ),
];

const databases: Mark[] = [
  mark('supabase', 'sb_secret_', 'sb_secret_[A-Za-z0-9_-]{16,}'),
  mark('supabase', 'sbp_', 'sbp_(?:oauth_|v0_)?[0-9a-f]{40}(?![0-9a-f])'),
  mark('neon', 'napi_', 'napi_[a-z0-9]{60,}'),
  mark('planetscale', 'pscale_', 'pscale_(?:pw|tkn|oauth)_[A-Za-z0-9_=.-]{32,64}'),
  mark('cockroach', 'CCDB1_', 'CCDB1_[A-Za-z0-9]{22}_[A-Za-z0-9]{40}'),
  mark('clickhouse', '4b1d', '4b1d[A-Za-z0-9]{38}(?![A-Za-z0-9])'),
  mark('aiven', 'AVNS_', 'AVNS_[A-Za-z0-9_-]{19,}'),
  mark('mongodb-atlas', 'mdb_sa_sk_', 'mdb_sa_sk_[A-Za-z0-9_-]{38,}'),
  mark('databricks', 'dapi', 'dapi[0-9a-fA-F]{32}(?:-\\d)?(?![A-Za-z0-9])'),
  mark('databricks', 'dose', 'dose[0-9a-f]{32}(?![A-Za-z0-9])'),
  mark('confluent', 'cflt', 'cflt[A-Za-z0-9+/]{60}(?![A-Za-z0-9+/])'),
  mark('pinecone', 'pcsk_', 'pcsk_[A-Za-z0-9]{5,6}_[A-Za-z0-9]{50,}'),
  mark('elastic', 'essu_', 'essu_[A-Za-z0-9+/]{60,}={0,2}'),
  mark('airtable', 'pat', 'pat[A-Za-z0-9]{14}\\.[0-9a-f]{64}'),
];

const code: Mark[] = [
  mark('github', ['ghp_', 'gho_', 'ghu_', 'ghr_'], 'gh[pour]_[A-Za-z0-9]{36}(?![A-Za-z0-9])'),
  mark(
    'github',
    'ghs_',
    'ghs_(?:[A-Za-z0-9]{36}(?![A-Za-z0-9])|\\d{1,20}_[\\w-]{10,}\\.[\\w-]{10,}\\.[\\w-]{10,})',
  ),
  mark('github', 'github_pat_', 'github_pat_[A-Za-z0-9_]{40,}'),
  mark('github', ':x-oauth-basic@', '(?<secret>[0-9a-f]{40}):x-oauth-basic@'),
  mark(
    'gitlab',
    'gl',
    'gl(?:pat|dt|ft|soat|ffct|cbt|imt|ptt|oas|agent|rt|rtr|wt)-[A-Za-z0-9_.-]{20,}',
  ),
  mark('gitlab', 'GR1348941', 'GR1348941[A-Za-z0-9_-]{20}'),
  mark('atlassian', ['ATATT3', 'ATCTT3'], 'AT[AC]TT3[A-Za-z0-9_=-]{60,}'),
  mark(
    'bitbucket',
    ['ATBB', 'BBDC-'],
    '(?:ATBB[A-Za-z0-9]{32}|BBDC-[A-Za-z0-9+]{40,})(?![A-Za-z0-9])',
  ),
  mark('trello', 'ATTA', 'ATTA[0-9a-f]{60,}'),
  mark('npm', 'npm_', 'npm_[A-Za-z0-9]{36}(?![A-Za-z0-9_])'),
  mark(
    'npm',
    '_authToken',
    '_authToken\\s*=\\s*(?<secret>[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9+/]{24,}={0,2})',
  ),
  mark('pypi', 'pypi-AgE', 'pypi-AgE[A-Za-z0-9_-]{50,}'),
  mark('rubygems', 'rubygems_', 'rubygems_[0-9a-f]{48}'),
  mark('crates', 'cio', 'cio[A-Za-z0-9]{32}(?![A-Za-z0-9])'),
  mark('clojars', 'CLOJARS_', 'CLOJARS_[A-Za-z0-9]{60}'),
  mark('nuget', 'oy2', 'oy2[a-z0-9]{43}(?![A-Za-z0-9])'),
  mark('docker', ['dckr_pat_', 'dckr_oat_'], 'dckr_[po]at_[A-Za-z0-9_-]{27,}'),
  mark('artifactory', 'AKCp', 'AKCp[A-Za-z0-9]{60,}'),
  mark('artifactory', 'cmVmd', 'cmVmdGtu[A-Za-z0-9]{56}(?![A-Za-z0-9])'),
  mark('buildkite', ['bkua_', 'bkaj_', 'bkct_'], 'bk(?:ua|aj|ct)_[A-Za-z0-9]{40}'),
  mark('circleci', 'CCI', 'CCI(?:PAT|PRJ)_[A-Za-z0-9]{20,}_[0-9a-f]{40}'),
  mark('sonar', ['squ_', 'sqp_', 'sqa_'], 'sq[upa]_[0-9a-f]{40}'),
  mark('sourcegraph', 'sgp_', 'sgp_(?:(?:[0-9a-f]{16}|local)_)?[0-9a-f]{40}'),
  mark('snyk', 'snyk_', 'snyk_(?:uat|sat)\\.[0-9a-f]{8}\\.[A-Za-z0-9_.-]{40,}'),
  mark('octopus', 'API-', 'API-[A-Z0-9]{26,}(?![A-Za-z0-9-])'),
  mark(
    'harness',
    ['pat.', 'sat.'],
    '[ps]at\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9]{24}\\.[A-Za-z0-9]{20}',
  ),
  mark('prefect', ['pnu_', 'pnb_'], 'pn[ub]_[A-Za-z0-9]{36}'),
  mark('infracost', 'ico-', 'ico-[A-Za-z0-9]{32}(?![A-Za-z0-9])'),
  mark('postman', 'PMAK-', 'PMAK-[0-9a-f]{24}-[0-9a-f]{34}'),
  mark('linear', 'lin_', 'lin_(?:api|oauth|wh)_[A-Za-z0-9]{40,}'),
  mark('figma', ['figd_', 'figu_'], 'fig[du][rh]?_[A-Za-z0-9_-]{40,}'),
  mark('readme', 'rdme_', 'rdme_[a-z0-9]{70}'),
  mark('deno', ['ddp_', 'ddo_', 'dsc_'], '(?:dd[po]|dsc)_[A-Za-z0-9]{36}(?![A-Za-z0-9])'),
  mark('trigger-dev', 'tr_', 'tr_(?:dev|prod|stg|pat)_[A-Za-z0-9]{20,}'),
  mark('inngest', 'signkey-', 'signkey-(?:prod|test|branch)-[0-9a-f]{32,}'),
];

const models: Mark[] = [
  mark('anthropic', 'sk-ant-', 'sk-ant-(?:api|admin|sid|oat|ort)\\d\\d-[A-Za-z0-9_-]{60,}'),
  mark(
    'openai',
    ['sk-proj-', 'sk-svcacct-', 'sk-admin-'],
    'sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,}',
  ),
  mark('openai', 'T3BlbkFJ', 'sk-[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}'),
  mark('openrouter', 'sk-or-', 'sk-or-v1-[0-9a-f]{64}'),
  mark('xai', 'xai-', 'xai-[A-Za-z0-9]{70,}'),
  mark('groq', 'gsk_', 'gsk_[A-Za-z0-9]{48,}'),
  mark('huggingface', ['hf_', 'api_org_'], '(?:hf_|api_org_)[A-Za-z]{34}(?![A-Za-z0-9])'),
  mark('replicate', 'r8_', 'r8_[A-Za-z0-9_-]{37}(?![A-Za-z0-9_-])'),
  mark('perplexity', 'pplx-', 'pplx-[A-Za-z0-9]{48}'),
  mark('nvidia', 'nvapi-', 'nvapi-[A-Za-z0-9_-]{60,}'),
  mark('langchain', ['lsv2_pt_', 'lsv2_sk_'], 'lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}'),
  mark('langfuse', 'sk-lf-', `sk-lf-${uuid}`),
  mark('tavily', 'tvly-', 'tvly-(?:dev-|prod-)?[A-Za-z0-9]{30,}'),
  mark('together', 'tgp_v1_', 'tgp_v1_[A-Za-z0-9_-]{40,}'),
  mark('fireworks', 'fw_', 'fw_[A-Za-z0-9]{22,24}(?![A-Za-z0-9])'),
  mark('cerebras', 'csk-', 'csk-[a-z0-9]{48}'),
  mark('runpod', 'rpa_', 'rpa_[A-Z0-9]{42,46}'),
  mark('e2b', 'e2b_', 'e2b_[0-9a-f]{40}'),
  mark('elevenlabs', 'sk_', 'sk_[0-9a-f]{48}(?![0-9a-f])'),
  mark('firecrawl', 'fc-', 'fc-[0-9a-f]{32}(?![0-9a-f])'),
  mark('voyage', 'pa-', 'pa-[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])'),
];

const messages: Mark[] = [
  mark(
    'slack-webhook',
    'hooks.slack.com/',
    'hooks\\.slack\\.com/(?:services|workflows|triggers)/[A-Z0-9]{8,}/[A-Z0-9]{8,}' +
      '/[A-Za-z0-9]{16,}(?:/[A-Za-z0-9]{16,})?',
  ),
  mark('slack', 'xox', 'xox[a-z](?:\\.xox[a-z])?-[A-Za-z0-9-]{16,}'),
  mark('slack', 'xapp-', 'xapp-\\d-[A-Z0-9]{8,}-\\d+-[A-Za-z0-9]{16,}'),
  mark('telegram', ':AA', '\\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])'),
  mark(
    'discord',
    '.',
    '[MNO][A-Za-z0-9_-]{23,27}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,45}(?![A-Za-z0-9_.-])',
  ),
  mark(
    'discord-webhook',
    '/api/webhooks/',
    'discord(?:app)?\\.com/api/webhooks/\\d{17,20}/[A-Za-z0-9_-]{60,}',
  ),
  mark(
    'teams-webhook',
    '/webhookb2/',
    '[a-z0-9-]+\\.webhook\\.office\\.com/webhookb2/' +
      `${uuid}@${uuid}/IncomingWebhook/[0-9a-f]{32}/${uuid}`,
  ),
  mark('twilio', 'SK', 'SK[0-9a-f]{32}(?![0-9a-zA-Z])'),
  mark('sendgrid', 'SG.', 'SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])'),
  mark('mailgun', 'key-', 'key-[0-9a-f]{32}(?![0-9a-z])'),
  mark(
    'mailgun',
    ['mailgun', 'MAILGUN', 'Mailgun'],
    '[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}(?![0-9a-z-])',
  ),
  mark('mailchimp', '-us', '[0-9a-f]{32}-us\\d{1,2}(?![0-9a-z])'),
  mark('brevo', ['xkeysib-', 'xsmtpsib-'], 'x(?:key|smtp)sib-[0-9a-f]{64}-[A-Za-z0-9]{16}'),
  mark('resend', 're_', 're_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}'),
  mark('mailersend', 'mlsn.', 'mlsn\\.[0-9a-f]{64}'),
  mark('telnyx', 'KEY0', 'KEY0[0-9A-F]{30,34}_[A-Za-z0-9]{22}'),
  mark('onesignal', 'os_v2_', 'os_v2_(?:app|org)_[a-z2-7]{60,}'),
  mark('firebase-messaging', ':APA91b', 'AAAA[A-Za-z0-9_-]{7}:APA91b[A-Za-z0-9_-]{134}'),
  mark('notion', 'ntn_', 'ntn_\\d{11}[A-Za-z0-9]{35}'),
  mark('notion', 'secret_', 'secret_[A-Za-z0-9]{43}(?![A-Za-z0-9])'),
  mark('intercom', 'dG9rO', 'dG9rO[A-Za-z0-9+/]{55,60}={0,2}'),
  mark('typeform', 'tfp_', 'tfp_[A-Za-z0-9_.=-]{40,}'),
  mark('hubspot', 'pat-', `pat-(?:na|eu|ap)\\d-${uuid}`),
  mark('dropbox', 'sl.', 'sl\\.(?:u\\.)?[A-Za-z0-9_=-]{130,}'),
  mark('facebook', 'EAA', 'EAA[A-Z][A-Za-z0-9]{100,}'),
  mark('contentful', 'CFPAT-', 'CFPAT-[A-Za-z0-9_-]{43}'),
  mark('adobe', 'p8e-', 'p8e-[A-Za-z0-9_-]{32}(?![A-Za-z0-9_-])'),
  mark('mapbox', 'sk.eyJ', 'sk\\.eyJ[A-Za-z0-9_-]{40,}\\.[A-Za-z0-9_-]{20,}'),
  mark('maxmind', '_mmk', '[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk(?![A-Za-z0-9])'),
];

const payments: Mark[] = [
  mark('stripe', ['sk_', 'rk_'], '[sr]k_(?:live|test|prod)_[A-Za-z0-9]{16,}'),
  mark('stripe-webhook', 'whsec_', 'whsec_[A-Za-z0-9+/]{24,}={0,2}'),
  mark('square', 'EAAA', 'EAAA[A-Za-z0-9_-]{56,64}(?![A-Za-z0-9_-])'),
  mark('square', 'sq0', 'sq0(?:atp|csp|idb)-[A-Za-z0-9_-]{22,43}(?![A-Za-z0-9_-])'),
  mark('shopify', 'shp', 'shp(?:at|ca|pa|ss|ua|tka|rft)_[A-Za-z0-9]{32,64}(?![A-Za-z0-9])'),
  mark(
    'braintree',
    'access_token$',
    'access_token\\$(?:production|sandbox)\\$[a-z0-9]{16}\\$[0-9a-f]{32}',
  ),
  mark('plaid', 'access-', `access-(?:sandbox|development|production)-${uuid}`),
  mark('razorpay', 'rzp_', 'rzp_(?:live|test)_[A-Za-z0-9]{14,}'),
  mark('flutterwave', 'FLWSECK', 'FLWSECK(?:_TEST)?-[0-9a-fA-F]{32}-X'),
  mark('mercadopago', 'APP_USR-', 'APP_USR-\\d{12,16}-\\d{6}-[0-9a-f]{32}-\\d+'),
  mark('paddle', 'pdl_', 'pdl_(?:live|sdbx)_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}'),
  mark('polar', 'polar_', 'polar_(?:oat|pat|whs|rst|at_[uo])_[A-Za-z0-9]{30,}'),
  mark('duffel', 'duffel_', 'duffel_(?:test|live)_[A-Za-z0-9_=-]{43}'),
  mark('easypost', ['EZAK', 'EZTK'], 'EZ[AT]K[A-Za-z0-9]{54}'),
  mark('shippo', 'shippo_', 'shippo_(?:live|test)_[0-9a-f]{40}'),
  mark('workos', 'sk_', 'sk_(?:live_|test_)?a2V5X[A-Za-z0-9_-]{30,}'),
  mark('stytch', 'secret-', 'secret-(?:live|test)-[A-Za-z0-9_=-]{36,}'),
  mark('unkey', 'unkey_', 'unkey_[A-Za-z0-9_]{20,}'),
];

const observers: Mark[] = [
  mark('grafana', 'glc_', 'glc_[A-Za-z0-9+/]{32,}={0,3}'),
  mark('grafana', 'glsa_', 'glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}'),
  mark('grafana', 'eyJrIjoi', 'eyJrIjoi[A-Za-z0-9+/]{70,}={0,3}'),
  mark('sentry', 'sntrys_', 'sntrys_[A-Za-z0-9+/=]{40,}(?:_[A-Za-z0-9+/]{43})?'),
  mark('sentry', 'sntryu_', 'sntryu_[0-9a-f]{64}'),
  mark(
    'newrelic',
    ['NRAK-', 'NRII-', 'NRIQ-', 'NRSP-'],
    '(?:NRAK-[A-Z0-9]{27}|NRI[IQ]-[A-Za-z0-9_-]{32}|NRSP-[A-Za-z0-9-]{20,})',
  ),
  mark('newrelic', 'NRAL', '[0-9a-f]{32,36}(?:FFFF)?NRAL'),
  mark('dynatrace', 'dt0', 'dt0[a-z]\\d\\d\\.[A-Z0-9]{8,24}\\.[A-Z0-9]{64}'),
  mark('honeycomb', 'hca', 'hc[abx]ik_[a-z0-9]{58}'),
  mark('posthog', 'ph', 'ph[xs]_[A-Za-z0-9]{40,}'),
  mark('axiom', ['xaat-', 'xapt-'], `xa[ap]t-${uuid}`),
  mark('launchdarkly', ['api-', 'sdk-'], `(?:api|sdk)-${uuid}`),
  mark('logfire', 'pylf_', 'pylf_v\\d_(?:us|eu)_[A-Za-z0-9]{40,}'),
];

/** All formats. */
export const issuers: Mark[] = [
  ...clouds,
  ...databases,
  ...code,
  ...models,
  ...messages,
  ...payments,
  ...observers,
];

// V8 compiles a pattern to machine code at its second run. This loop is the first run.
for (const { pattern } of issuers) pattern.test('');

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);

/** All marks, except those that begin with a shorter mark. */
const shortest = [...new Set(issuers.flatMap(({ marks }) => marks))].filter(
  (one, _, all) => !all.some((other) => other !== one && one.startsWith(other)),
);
const anyMark = new RegExp(shortest.map(escaped).join('|'), 'g');
const issuersOf = new Map(
  shortest.map((short) => [
    short,
    issuers.filter(({ marks }) => marks.some((one) => one.startsWith(short))),
  ]),
);

/** Returns the formats whose marks may be in the text. One pattern finds all marks in one pass. */
export function issuersIn(text: string): Set<Mark> {
  const found = new Set<string>();
  anyMark.lastIndex = 0;
  for (let match = anyMark.exec(text); match !== null; match = anyMark.exec(text)) {
    found.add(match[0]);
    anyMark.lastIndex = match.index + 1;
  }
  return new Set([...found].flatMap((short) => issuersOf.get(short) ?? []));
}
