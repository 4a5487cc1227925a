"""Every action is in the table of the stream, or here with the reason why no page shows it."""

from __future__ import annotations

import ast

from tests.architecture.source import public_functions, python_files
from tests.stream import company_cases, console_cases, dialog_cases, identity_cases, letter_cases, message_cases
from tests.stream.cases import CASES, called

# Their scripts are put into the table when they are read.
TABLES = (company_cases, console_cases, dialog_cases, identity_cases, letter_cases, message_cases)

# Actions that change nothing on a live page, and why.
NOT_SHOWN = {
    "activity.agent_name": "reads a name for a line of the timeline",
    "agents.make_link": "a link goes to its owner by hand; the page of one agent is not live",
    "agents.set_password": "nobody sees a password; the sessions that end are test_gaps'",
    "amend.react": "no channel of the stage takes reactions; the client's own make the same fact: a_client_reacts",
    "assign.begin_shifts": "drain gives the dialogs: somebody_gets_free",
    "attach.has_files": "reads whether a message has a file",
    "business_hours.move_hours": "hours stand on their settings page, which is not live",
    "business_hours.store_schedule": "hours stand on their settings page, which is not live",
    "channels.channel_token": "makes a random text",
    "channels.keep_health": "the health of a channel stands on its settings page, which is not live",
    "channels.forget_troubles": "makes the fact that set_channel_state makes",
    "agent_accounts.begin_link": "a token is on no page",
    "agent_accounts.link_account": "an account stands on its owner's profile, which is not live",
    "agent_accounts.unlink_account": "an account stands on its owner's profile, which is not live",
    "approved_templates.approved_words": "reply calls it",
    "approved_templates.keep_approved_templates": "the list is asked for when somebody opens it",
    "console_commands.press": "receive_console_event calls it, and it calls the actions of the screen",
    "console_commands.run_command": "receive_console_event calls it, and it calls the actions of the screen",
    "console_follow.follow_console": "what stands in the group is not on our pages",
    "console_follow.is_note": "reads what a message is",
    "console_follow.newest_shown": "reads what stands in a thread",
    "console_posts.begin_posts": "what stands in the group is not on our pages",
    "console_posts.keep_own_post": "what stands in the group is not on our pages",
    "console_posts.keep_posted": "what stands in the group is not on our pages",
    "console_posts.lose_thread": "what stands in the group is not on our pages",
    "console_posts.owe_files": "what stands in the group is not on our pages",
    "console_posts.owe_post": "what stands in the group is not on our pages",
    "console_posts.put_back": "what stands in the group is not on our pages",
    "console_posts.skip_posts": "what stands in the group is not on our pages",
    "console_posts.thread_title": "reads what a thread is called",
    "console_receive.refuse": "words in the group are not on our pages",
    "console_receive.say": "words in the group are not on our pages",
    "console_threads.begin_thread": "what stands in the group is not on our pages",
    "console_threads.keep_look": "what stands in the group is not on our pages",
    "console_threads.keep_redrawn": "what stands in the group is not on our pages",
    "console_threads.keep_thread": "what stands in the group is not on our pages",
    "console_threads.settle_thread": "what stands in the group is not on our pages",
    "consoles.begin_console": "a console stands on its settings page, which is not live",
    "consoles.check_console_again": "a console stands on its settings page, which is not live",
    "consoles.claim_console": "a console stands on its settings page, which is not live",
    "consoles.keep_steps": "a console stands on its settings page, which is not live",
    "consoles.move_console": "a console stands on its settings page, which is not live",
    "consoles.remove_console": "a console stands on its settings page, which is not live",
    "consoles.route_console": "a console stands on its settings page, which is not live",
    "consoles.set_console_state": "a console stands on its settings page, which is not live",
    "notices.choose_notices": "choices stand on their owner's profile, which is not live",
    "notices.claim_notices": "notices go to a messenger, not to a page",
    "notices.drop_notice": "notices go to a messenger, not to a page",
    "notices.owe_notices": "notices go to a messenger, not to a page",
    "notices.owe_words": "notices go to a messenger, not to a page",
    "notices.settle_notice": "notices go to a messenger, not to a page",
    "deliver.claim_deliveries": "a message that is being sent looks like one that waits",
    "deliver.log_exchange": "the log of a channel stands on its settings page, which is not live",
    "deliver_amendments.claim_amendments": "a change that is being sent looks like one that waits",
    "deliver_amendments.settle_amendment": "no channel of the stage can change what was sent",
    "echo.receive_echo": "receive_event calls it: a_person_answers_in_the_channels_app",
    "entry_links.add_link": "links stand on their own page, which is not live",
    "entry_links.note_click": "a click is on no page before its client comes",
    "entry_links.referral_of_token": "reads what a click was",
    "entry_links.remove_link": "links stand on their own page, which is not live",
    "envelope.address_letter": "no channel of the stage writes letters",
    "envelope.keep_envelope": "receive and receive_echo call it: a_robot_writes",
    "events.new_id": "reads the key off a result",
    "exports.note_export": "an export is on no page",
    "fetched.claim_files": "a file that is being fetched looks like one that waits",
    "fetched.forget_uploads": "an upload without a message is on nobody's page",
    "index_search.add_words": "the index is read by a search, which is not live",
    "index_search.keep_words": "the index is read by a search, which is not live",
    "index_search.index_search": "the index is read by a search, which is not live",
    "index_search.skip_to_newest": "the index is read by a search, which is not live",
    "ingest.note_heard": "when a channel was heard stands on its settings page, which is not live",
    "leases.drop_lease": "leases are between processes",
    "leases.take_lease": "leases are between processes",
    "parts.keep_external_ids": "ids of a platform are on no page",
    "polling.keep_cursor": "the cursor of a poll is on no page",
    "presence.note_stretch": "be_present and change_status call it, which are shown",
    "profiles.claim_strangers": "a profile that is being asked for looks like one that waits",
    "profiles.keep_picture": "pictures of clients have no place on the screen yet",
    "profiles.keep_profile": "complete_contact does what is shown: a_client_becomes_known",
    "meet.fill_contact": "meet calls it: a_client_becomes_known",
    "meet.keep_stopped": "receive_event calls it: a_client_stops_us",
    "meet.make_contact": "meet calls it: a_stranger_writes",
    "meet.complete_contact": "meet calls it: a_client_becomes_known",
    "rate.take_rating": "receive calls it: a_client_is_asked_and_rates",
    "rate.rating_wanted": "reads whether a digit is a rating",
    "receive_status.receive_status": "receive_event calls it: everything_is_read_up_to_here",
    "rebuild_turns.rebuild_turns": "an upkeep of what the timeline says already",
    "rebuild_turns.resume_turn": "open_again calls it",
    "reply_templates.remove_template": "templates are offered when they are asked for",
    "reply_templates.save_template": "templates are offered when they are asked for",
    "moments.credit_moments": "figures of the report are not live, only who waits",
    "moments.keep_moment": "figures of the report are not live, only who waits",
    "roll_up.forget": "figures of the report are not live, only who waits",
    "roll_up.forget_all": "figures of the report are not live, only who waits",
    "roll_up.forget_ending": "figures of the report are not live, only who waits",
    "roll_up.forget_tags": "figures of the report are not live, only who waits",
    "roll_up.roll_up": "figures of the report are not live, only who waits",
    "report_deliveries.begin_report": "kept reports stand on their own page, which is not live",
    "report_deliveries.claim_reports": "kept reports stand on their own page, which is not live",
    "report_deliveries.owe_reports": "kept reports stand on their own page, which is not live",
    "report_deliveries.settle_report": "kept reports stand on their own page, which is not live",
    "report_schedules.ask_trial": "kept reports stand on their own page, which is not live",
    "report_schedules.remove_schedule": "kept reports stand on their own page, which is not live",
    "report_schedules.save_schedule": "kept reports stand on their own page, which is not live",
    "saved_reports.change_report": "kept reports stand on their own page, which is not live",
    "saved_reports.remove_report": "kept reports stand on their own page, which is not live",
    "saved_reports.save_report": "kept reports stand on their own page, which is not live",
    "sessions.revoke_all": "ends sockets: test_gaps",
    "sessions.revoke_session": "ends sockets: test_gaps",
    "sessions.sign_in": "a session is on its owner's profile, which is not live",
    "sessions.sign_out": "ends sockets: test_gaps",
    "setup.is_set_up": "reads whether there is an agent",
    "setup.set_up": "before it nobody has a tab",
    "sla.stop_clocks": "resolve calls it",
    "sla.stop_response": "close_turn calls it",
    "sla_clocks.counting_clocks": "change_hours calls it",
    "sla_clocks.clock_hours": "reads what a clock counts by",
    "sla_clocks.begin_clocks": "receive calls it: a_deadline_comes",
    "sla_clocks.moving_clocks": "tag_by_name and prioritise call it",
    "sla_clocks.pause_clocks": "snooze calls it",
    "sla_clocks.plan": "run_clocks calls it",
    "sla_clocks.resume_clocks": "wake_snoozed calls it",
    "sla_clocks.running_response": "reads the clock of a wait",
    "sla_clocks.show_nearest": "receive and reply call it through the clocks",
    "sla_clocks.stop_clock": "reply calls it through the clocks",
    "sla_policies.add_policy": "targets stand on their settings page, which is not live",
    "sla_policies.change_policy": "targets stand on their settings page, which is not live",
    "sla_policies.move_policy": "targets stand on their settings page, which is not live",
    "sla_policies.remove_policy": "targets stand on their settings page, which is not live",
    "teams.add_team": "teams stand on their settings page, which is not live",
    "teams.change_team": "teams stand on their settings page, which is not live",
    "teams.remove_team": "teams stand on their settings page, which is not live",
    "turn_lengths.count_turn": "figures of the report are not live, only who waits",
    "turn_lengths.keep_segment": "figures of the report are not live, only who waits",
    "touch.adopt_touch": "receive calls it with the first message of a dialog",
    "touch.attribute": "receive calls it",
}


def actions(name: str, source: str) -> set[str]:
    """The public functions of a file as the table calls them."""
    stem = name.rpartition("/")[2].removesuffix(".py")
    return {f"{stem}.{function.name}" for function in public_functions(ast.parse(source))}


def test_every_action_is_shown_or_excused() -> None:
    shown = {called(action) for case in CASES for action in case.actions}
    known = {found for name, source in python_files("inbox/actions") for found in actions(name, source)}
    assert known - shown - set(NOT_SHOWN) == set(), "give these a case in tests/stream/*_cases.py"
    assert set(NOT_SHOWN) - known == set(), "these actions are gone"
    assert set(NOT_SHOWN) & shown == set(), "these have a case after all"


def test_the_check_can_fail() -> None:
    assert actions("inbox/actions/tag.py", "def tag(tx): ...\ndef _own(tx): ...") == {"tag.tag"}
