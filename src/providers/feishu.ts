import type { Provider } from '../oauth/provider.js'

/** @public */
export interface FeishuOptions {
  /** The international product, `larksuite.com`. @default false: `feishu.cn` */
  lark?: boolean | undefined
}

/**
 * Feishu, and Lark with `lark: true`. Ask for the scope `offline_access`.
 *
 * @public
 */
export function feishu({ lark = false }: FeishuOptions = {}): Provider {
  const domain = lark ? 'larksuite.com' : 'feishu.cn'
  return {
    name: lark ? 'Lark' : 'Feishu',
    endpoints: {
      authorization: `https://accounts.${domain}/open-apis/authen/v1/authorize`,
      token: `https://open.${domain}/open-apis/authen/v2/oauth/token`,
    },
    clientAuth: 'client_secret_post',
    tokenRequest: { body: 'json' },
    refreshTokens: 'rotated',
    errors: {
      // Unknown, expired, revoked, used before, of another user's consent.
      endsSession: [{ code: [20026, 20037, 20064, 20073, 20024] }],
      passing: [{ code: 20050 }],
    },
    about: {
      sources: [
        'https://open.feishu.cn/document/authentication-management/access-token/refresh-user-access-token',
        'https://open.larksuite.com/document/authentication-management/access-token/get-user-access-token',
      ],
      readOn: '2026-11-28',
      unsure: [
        'The numbers of the errors come from the documentation and from two programs of the vendor. One issue says that the status is 400. No complete response was found.',
      ],
    },
  }
}
