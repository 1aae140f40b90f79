const key = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA${'A'.repeat(42)}`;

/** A small plimsoll.yaml whose addresses all lead to this machine. */
export const practiceYaml = `authorship: git
approvers: { ana: { keys: ['${key}'], emails: ['ana@example.com'] }, ben: { keys: ['${key.replace(/A{42}$/, 'B'.repeat(42))}'], emails: ['ben@example.com'] } }
projects:
  shop:
    repository: ssh://git@127.0.0.1:9/acme/shop.git
    tests: { required: [test] }
    environments:
      production:
        platform: vps
        hosts: [{ address: deploy@127.0.0.1:9, hostKey: 'SHA256:${'x'.repeat(43)}', url: 'http://127.0.0.1:9' }]
        directory: /srv/shop
        service: shop
        health: http://localhost:3000/healthz
        smoke: { auth: /login, payments: 'n/a: nothing is sold', core: / }
`;
