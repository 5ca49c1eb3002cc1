import type { Workspace } from '../workspace/workspace.ts';
import { ok, type Methods } from './method.ts';

export interface AuthDeps {
  readonly workspace: Workspace;
  readonly pageUrl: () => string;
  readonly socketUrl: () => string;
}

export const authMethods = ({ workspace, pageUrl, socketUrl }: AuthDeps): Methods => ({
  'auth.test': {
    token: 'bot',
    tier: 'special',
    run: () =>
      ok({
        url: pageUrl(),
        team: workspace.team.name,
        team_id: workspace.team.id,
        user: workspace.app.name.toLowerCase(),
        user_id: workspace.app.botUser,
        bot_id: workspace.app.botId,
        is_enterprise_install: false,
      }),
  },
  'apps.connections.open': {
    token: 'app',
    scopes: ['connections:write'],
    tier: 1,
    run: () => ok({ url: socketUrl() }),
  },
});
