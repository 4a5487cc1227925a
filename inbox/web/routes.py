"""Every URL of the agents' side in one table: method, path, handler, permission."""

from __future__ import annotations

from collections import OrderedDict

from aiohttp import web

from inbox.rules.permissions import Permission as P
from inbox.web import (
    agent_pages,
    approved_pages,
    auth_pages,
    channel_pages,
    colours,
    console_pages,
    contact_pages,
    conversation_pages,
    entry_pages,
    file_pages,
    health_pages,
    hours_pages,
    inbox_pages,
    letter_pages,
    message_pages,
    profile_pages,
    report_exports,
    report_pages,
    search_pages,
    settings_pages,
    setup_pages,
    stream,
    target_pages,
    team_pages,
    template_pages,
    wallboard_pages,
    webhooks,
)
from inbox.web.guard import Access, Route, guarded

PUBLIC, SIGNED_IN, OWN_PROOF = Access.PUBLIC, Access.SIGNED_IN, Access.OWN_PROOF
_CONSOLE = "/settings/channels/{channel_id}/console"
_DIALOG = "/conversations/{conversation_id}"

ROUTES: tuple[Route, ...] = (
    # What machines ask.
    Route("GET", "/health", health_pages.show_health, OWN_PROOF),
    Route("GET", "/ready", health_pages.show_ready, OWN_PROOF),
    Route("GET", "/metrics", health_pages.show_metrics, OWN_PROOF),
    Route("GET", "/hooks/{kind}/{token}", webhooks.answer_handshake, OWN_PROOF),
    Route("POST", "/hooks/{kind}/{token}", webhooks.receive_hook, OWN_PROOF),
    # Before signing in.
    Route("GET", "/setup", setup_pages.show_setup, PUBLIC),
    Route("POST", "/setup", setup_pages.do_setup, PUBLIC),
    Route("GET", "/setup/done", setup_pages.show_done, P.CHANNEL_MANAGE),
    Route("GET", "/login", auth_pages.show_login, PUBLIC),
    Route("POST", "/login", auth_pages.log_in, PUBLIC),
    Route("POST", "/logout", auth_pages.log_out, SIGNED_IN),
    Route("GET", "/links/{token}", auth_pages.show_link, PUBLIC),
    Route("POST", "/links/{token}", auth_pages.accept_link, PUBLIC),
    # The inbox.
    Route("GET", "/", inbox_pages.show_home, SIGNED_IN),
    Route("GET", "/stream", stream.stream, P.INBOX_READ),
    Route("GET", "/inbox/{view}", inbox_pages.show_queue, P.INBOX_READ),
    Route("GET", _DIALOG, inbox_pages.show_conversation, P.CONVERSATION_READ),
    Route("GET", _DIALOG + "/earlier", inbox_pages.show_earlier, P.CONVERSATION_READ),
    Route("GET", _DIALOG + "/templates", template_pages.offer_templates, P.CONVERSATION_REPLY),
    Route("GET", _DIALOG + "/approved", approved_pages.show_approved, P.CONVERSATION_REPLY),
    Route("POST", _DIALOG + "/approved", approved_pages.send_approved, P.CONVERSATION_REPLY),
    Route("POST", _DIALOG + "/messages", conversation_pages.write_message, P.CONVERSATION_REPLY),
    Route("POST", _DIALOG + "/assignee", conversation_pages.change_assignee, P.CONVERSATION_ASSIGN),
    Route("POST", _DIALOG + "/resolution", conversation_pages.change_resolution, P.CONVERSATION_RESOLVE),
    Route("POST", _DIALOG + "/snooze", conversation_pages.change_snooze, P.CONVERSATION_RESOLVE),
    Route("POST", _DIALOG + "/dismissal", conversation_pages.add_dismissal, P.CONVERSATION_REPLY),
    Route("POST", _DIALOG + "/verdict", conversation_pages.change_verdict, P.CONVERSATION_RESOLVE),
    Route("POST", _DIALOG + "/priority", conversation_pages.change_priority, P.CONVERSATION_TAG),
    Route("POST", _DIALOG + "/tags", conversation_pages.change_tags, P.CONVERSATION_TAG),
    Route("POST", "/deliveries/{delivery_id}", conversation_pages.change_delivery, P.CONVERSATION_REPLY),
    Route("POST", "/messages/{message_id}", message_pages.edit_message, P.CONVERSATION_REPLY),
    Route("POST", "/messages/{message_id}/deletion", message_pages.delete_message, P.CONVERSATION_REPLY),
    Route("POST", "/messages/{message_id}/reaction", message_pages.react_to_message, P.CONVERSATION_REPLY),
    Route("GET", "/messages/{message_id}/original", letter_pages.show_original, P.CONVERSATION_READ),
    Route("GET", "/messages/{message_id}/original/body", letter_pages.show_original_body, P.CONVERSATION_READ),
    Route("POST", "/messages/{message_id}/phone", message_pages.keep_phone, P.CONTACT_EDIT),
    Route("GET", "/search", search_pages.find, P.CONTACT_READ),
    Route("POST", "/files", file_pages.add_file, P.CONVERSATION_REPLY, streams=True),
    Route("GET", "/files/{token}", file_pages.show_file, OWN_PROOF),
    Route("GET", "/static/colours.css", colours.show_colours, OWN_PROOF),
    Route("GET", "/static/channels.svg", colours.show_channel_sprite, OWN_PROOF),
    # Ways into a channel.
    Route("GET", "/l/{slug}", entry_pages.follow_link, PUBLIC),
    Route("GET", "/go/{key}", entry_pages.follow_page, PUBLIC),
    # Clients.
    Route("GET", "/contacts", contact_pages.list_contacts, P.CONTACT_READ),
    Route("GET", "/contacts/{contact_id}/picture", contact_pages.show_picture, P.CONTACT_READ),
    Route("GET", "/contacts/{contact_id}/form", contact_pages.show_form, P.CONTACT_EDIT),
    Route("POST", "/contacts/{contact_id}", contact_pages.save_contact, P.CONTACT_EDIT),
    Route("POST", "/contacts/{contact_id}/merges", contact_pages.merge, P.CONTACT_EDIT),
    Route("POST", "/contacts/{contact_id}/distinctions", contact_pages.tell_apart, P.CONTACT_EDIT),
    Route("POST", "/merges/{merge_id}/undoing", contact_pages.undo, P.CONTACT_EDIT),
    # Reports.
    Route("GET", "/wallboard", wallboard_pages.show_wallboard, P.REPORT_READ),
    Route("GET", "/reports/response", report_pages.show_response, P.REPORT_READ),
    Route("GET", "/reports/response/hours", report_pages.show_hours, P.REPORT_READ),
    Route("GET", "/reports/response/turns", report_pages.show_turns, P.REPORT_READ),
    Route("GET", "/reports/response/turns.{kind}", report_exports.export_turns, P.REPORT_EXPORT),
    Route("GET", "/reports/response/dialogs.{kind}", report_exports.export_dialogs, P.REPORT_EXPORT),
    Route("GET", "/reports/sales", report_pages.show_sales, P.REPORT_READ),
    Route("GET", "/reports/people", report_pages.show_people, P.REPORT_READ),
    Route("GET", "/reports/crossed", report_pages.show_crossed, P.REPORT_READ),
    # Reply templates.
    Route("GET", "/templates", template_pages.list_templates, P.TEMPLATE_OWN),
    Route("GET", "/templates/{template_id}", template_pages.show_template, P.TEMPLATE_OWN),
    Route("POST", "/templates/preview", template_pages.show_preview, P.TEMPLATE_OWN),
    Route("POST", "/templates/{template_id}", template_pages.keep_template, P.TEMPLATE_OWN),
    Route("POST", "/templates/{template_id}/removal", template_pages.drop_template, P.TEMPLATE_OWN),
    # Settings of the company. The handler of /settings leads everybody to what they may change.
    Route("GET", "/settings", settings_pages.show_settings, SIGNED_IN),
    Route("POST", "/settings", settings_pages.save_settings, P.SETTINGS_MANAGE),
    Route("GET", "/settings/hours", hours_pages.show_hours, P.SETTINGS_MANAGE),
    Route("POST", "/settings/hours", hours_pages.save_hours, P.SETTINGS_MANAGE),
    Route("GET", "/settings/teams", team_pages.list_teams, P.SETTINGS_MANAGE),
    Route("POST", "/settings/teams", team_pages.make_team, P.SETTINGS_MANAGE),
    Route("GET", "/settings/teams/{team_id}", team_pages.show_team, P.SETTINGS_MANAGE),
    Route("POST", "/settings/teams/{team_id}", team_pages.save_team, P.SETTINGS_MANAGE),
    Route("POST", "/settings/teams/{team_id}/removal", team_pages.drop_team, P.SETTINGS_MANAGE),
    Route("GET", "/settings/targets", target_pages.list_targets, P.SETTINGS_MANAGE),
    Route("GET", "/settings/targets/{policy_id}", target_pages.show_target, P.SETTINGS_MANAGE),
    Route("POST", "/settings/targets/{policy_id}", target_pages.save_target, P.SETTINGS_MANAGE),
    Route("POST", "/settings/targets/{policy_id}/order", target_pages.change_order, P.SETTINGS_MANAGE),
    Route("POST", "/settings/targets/{policy_id}/removal", target_pages.drop_target, P.SETTINGS_MANAGE),
    Route("GET", "/settings/tags", settings_pages.show_tags, P.TAG_MANAGE),
    Route("POST", "/settings/tags", settings_pages.add_one_tag, P.TAG_MANAGE),
    Route("POST", "/settings/tags/{tag_id}", settings_pages.save_tag, P.TAG_MANAGE),
    Route("GET", "/settings/fields", settings_pages.show_fields, P.SETTINGS_MANAGE),
    Route("POST", "/settings/fields", settings_pages.save_field, P.SETTINGS_MANAGE),
    Route("POST", "/settings/fields/{field_id}", settings_pages.rename_field, P.SETTINGS_MANAGE),
    Route("POST", "/settings/fields/{field_id}/removal", settings_pages.drop_field, P.SETTINGS_MANAGE),
    Route("GET", "/settings/agents", agent_pages.list_agents, P.AGENT_MANAGE),
    Route("POST", "/settings/agents", agent_pages.add_agent, P.AGENT_MANAGE),
    Route("GET", "/settings/agents/{agent_id}", agent_pages.show_agent, P.AGENT_MANAGE),
    Route("POST", "/settings/agents/{agent_id}", agent_pages.save_agent, P.AGENT_MANAGE),
    Route("POST", "/settings/agents/{agent_id}/links", agent_pages.add_link, P.AGENT_MANAGE),
    Route("POST", "/settings/agents/{agent_id}/activity", agent_pages.change_activity, P.AGENT_MANAGE),
    Route("GET", "/settings/links", entry_pages.show_links, P.LINK_MANAGE),
    Route("POST", "/settings/links", entry_pages.make_link, P.LINK_MANAGE),
    Route("POST", "/settings/links/{link_id}/removal", entry_pages.drop_link, P.LINK_MANAGE),
    Route("GET", "/settings/links/{link_id}/code.{kind}", entry_pages.draw_code, P.LINK_MANAGE),
    Route("GET", "/settings/channels", channel_pages.list_channels, P.CHANNEL_READ),
    Route("GET", "/settings/channels/new/{kind}", channel_pages.show_new, P.CHANNEL_MANAGE),
    Route("POST", "/settings/channels/new/{kind}", channel_pages.add, P.CHANNEL_MANAGE),
    Route("GET", "/settings/channels/{channel_id}", channel_pages.show_channel, P.CHANNEL_READ),
    Route("POST", "/settings/channels/{channel_id}", channel_pages.save_channel, P.CHANNEL_MANAGE),
    Route("POST", "/settings/channels/{channel_id}/check", channel_pages.check_now, P.CHANNEL_MANAGE),
    Route("POST", "/settings/channels/{channel_id}/replay", channel_pages.replay, P.CHANNEL_MANAGE),
    Route("POST", "/settings/channels/{channel_id}/removal", channel_pages.drop_channel, P.CHANNEL_MANAGE),
    Route("GET", _CONSOLE, console_pages.show_console, P.CHANNEL_MANAGE),
    Route("POST", _CONSOLE, console_pages.begin, P.CHANNEL_MANAGE),
    Route("POST", _CONSOLE + "/check", console_pages.check, P.CHANNEL_MANAGE),
    Route("POST", _CONSOLE + "/channels", console_pages.save_channels, P.CHANNEL_MANAGE),
    Route("POST", _CONSOLE + "/removal", console_pages.drop_console, P.CHANNEL_MANAGE),
    # One's own settings.
    Route("GET", "/profile", profile_pages.show_profile, P.SELF_EDIT),
    Route("POST", "/profile", profile_pages.save_profile, P.SELF_EDIT),
    Route("POST", "/profile/status", profile_pages.save_status, P.SELF_EDIT),
    Route("POST", "/profile/appearance", profile_pages.save_appearance, P.SELF_EDIT),
    Route("POST", "/profile/notices", profile_pages.save_notices, P.SELF_EDIT),
    Route("POST", "/profile/accounts/{channel_id}", profile_pages.begin_account, P.SELF_EDIT),
    Route("POST", "/profile/accounts/{channel_id}/removal", profile_pages.end_account, P.SELF_EDIT),
    Route("POST", "/profile/password", profile_pages.save_password, P.SELF_EDIT),
    Route("POST", "/sessions/{session_id}/end", profile_pages.end_session, P.SELF_EDIT),
)


def add_routes(app: web.Application, routes: tuple[Route, ...] = ROUTES) -> None:
    """Mount every route behind its guard."""
    app[webhooks.KNOWN] = OrderedDict()
    for route in routes:
        app.router.add_route(route.method, route.path, guarded(route))
