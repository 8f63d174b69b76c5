// An identity provider for the tests: `oidc-provider` on loopback, at a port that it says. Whoever
// comes is signed in at once, as the account that the test named at /control; what else is said there
// makes the provider lie, as one that was taken over would. It ends when its input does.
//
//   DAYBOOK_TEST_OIDC  the package                NOW_MS  the story's instant
//   PORT               0 for any that is free     BACK    where it sends browsers, parted by spaces
//   CERTIFICATE        as PEM                     KEY     the same

import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import https from 'node:https';

// Of the package's advice to those who run it for others there is no end.
console.info = () => {};
console.warn = () => {};

// The story's clock stands in another year than the machine's.
const real = Date.now;
const ahead = Number(process.env.NOW_MS) - real();
Date.now = () => real() + ahead;

const { default: Provider } = await import(process.env.DAYBOOK_TEST_OIDC);

const SECRET = 'a secret that the tests and their provider share';
const control = { account: 'nobody', claims: {}, lie: '', declines: false, back: '' };
const seen = [];

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomUUID() };
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const now = () => Math.floor(Date.now() / 1000);

// Signed by the provider's own key, with this said otherwise.
const signed = (otherwise) => ([head, claims]) => {
  const said = { ...JSON.parse(Buffer.from(claims, 'base64url')), ...otherwise() };
  const text = [head, encode(said)].join('.');
  return [text, sign('sha256', Buffer.from(text), privateKey).toString('base64url')].join('.');
};

const lies = {
  truth: signed(() => ({})),
  issuer: signed(() => ({ iss: 'https://accounts.google.com' })),
  audience: signed(() => ({ aud: 'another' })),
  audiences: signed(() => ({ aud: ['daybook', 'another'], azp: 'daybook' })),
  party: signed(() => ({ azp: 'another' })),
  expired: signed(() => ({ exp: now() - 600 })),
  old: signed(() => ({ iat: now() - 3600 })),
  early: signed(() => ({ iat: now() + 3600, exp: now() + 7200 })),
  nobody: signed(() => ({ sub: '' })),
  signature: ([head, claims, signature]) =>
    [head, claims, (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1)].join('.'),
  claims: ([head, claims, signature]) => {
    const said = JSON.parse(Buffer.from(claims, 'base64url'));
    return [head, encode({ ...said, sub: 'somebody-else' }), signature].join('.');
  },
  none: ([, claims]) => [encode({ alg: 'none', typ: 'JWT' }), claims, ''].join('.'),
  shared: ([, claims]) => {
    const text = [encode({ alg: 'HS256', typ: 'JWT' }), claims].join('.');
    return [text, createHmac('sha256', SECRET).update(text).digest('base64url')].join('.');
  },
};

const server = https.createServer({
  cert: process.env.CERTIFICATE,
  key: process.env.KEY,
  minVersion: 'TLSv1.3',
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(`https://127.0.0.1:${port}`, {
    clients: [{
      client_id: 'daybook',
      client_secret: SECRET,
      redirect_uris: process.env.BACK.split(' '),
      response_types: ['code'],
      grant_types: ['authorization_code'],
    }],
    jwks: { keys: [key] },
    cookies: { keys: ['tests'] },
    pkce: { required: () => true, methods: ['S256'] },
    scopes: ['openid', 'email', 'profile'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: id, ...control.claims }),
    }),
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (ctx, next) => {
    seen.push(`${ctx.method} ${ctx.path}`);
    await next();
    const lie = lies[control.lie];
    if (ctx.path === '/token' && ctx.body?.id_token && lie) {
      ctx.body.id_token = lie(ctx.body.id_token.split('.'));
    }
  });
  // A story may be reached at a port that nobody knew before.
  const backs = process.env.BACK.split(' ');
  provider.Client.prototype.redirectUriAllowed = (uri) => backs.includes(uri) || uri === control.back;
  const serve = provider.callback();
  server.on('request', async (request, response) => {
    // Browsers go by the machine's clock, by which a cookie of the story may have expired.
    const set = response.setHeader.bind(response);
    const kept = (cookie) => cookie.replace(/; expires=[^;]+/i, '');
    response.setHeader = (name, value) =>
      set(name, name.toLowerCase() === 'set-cookie' ? [value].flat().map(kept) : value);
    if (request.url === '/control') {
      let text = '';
      for await (const part of request) text += part;
      Object.assign(control, JSON.parse(text || '{}'));
      response.end(JSON.stringify(seen));
    } else if (request.url.startsWith('/interaction/')) {
      const result = control.declines
        ? { error: 'access_denied', error_description: 'The person said no.' }
        : { login: { accountId: control.account } };
      await provider.interactionFinished(request, response, result).catch((error) => {
        response.statusCode = 400;
        response.end(String(error));
      });
    } else {
      serve(request, response);
    }
  });
  console.log(`ready ${port}`);
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
