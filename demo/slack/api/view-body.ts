import type { JsonObject } from '../json.ts';
import type { View } from '../workspace/view-table.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** A view in the form of the Web API and of payloads. */
export function viewBody({ app, team }: Workspace, view: View): JsonObject {
  const { body } = view;
  return {
    id: view.id,
    team_id: team.id,
    type: view.kind,
    blocks: body['blocks'] ?? [],
    private_metadata: body['private_metadata'] ?? '',
    callback_id: body['callback_id'] ?? '',
    state: { values: view.values },
    hash: view.hash,
    title: body['title'] ?? null,
    clear_on_close: body['clear_on_close'] ?? false,
    notify_on_close: body['notify_on_close'] ?? false,
    close: body['close'] ?? null,
    submit: body['submit'] ?? null,
    previous_view_id: view.previousId ?? null,
    root_view_id: view.rootId,
    app_id: app.id,
    external_id: view.externalId,
    app_installed_team_id: team.id,
    bot_id: app.botId,
  };
}
