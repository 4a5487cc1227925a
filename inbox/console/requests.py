"""Posts as a console's connector takes them: what fits into one request, and what is left for the next one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from connectors.console import AnyConsole, ConsolePost
from connectors.contract import Capabilities, MediaKind, OutgoingMedia
from inbox.console.words import Drawn
from inbox.queries.console_posts import PostFile, PostView
from inbox.rules.console_pace import BETWEEN, join_count
from inbox.rules.splitting import split_text, text_length
from inbox.rules.texts import N_
from inbox.runtime.blobs import Blobs
from inbox.runtime.languages import Language

_CUT = N_("… the rest is in the inbox.")
# Inside f-strings no tool finds a text.
_PENDING = N_("being fetched from the channel")
_FAILED = N_("could not be fetched")
_UNSHOWN = N_("cannot be shown here, see the inbox")


@dataclass(frozen=True, slots=True)
class Burst:
    """What goes out as one request: these posts. `files` are shown by it, or named in it because they do not fit."""

    posts: tuple[PostView, ...]
    post: ConsolePost
    files: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Composer:
    """Puts drawn posts together for one console."""

    console: AnyConsole
    capabilities: Capabilities
    blobs: Blobs
    language: Language
    base_url: str

    def burst(
        self, space: str, thread: str, posts: Sequence[PostView], drawn: Sequence[Drawn], *, join: bool, lost: bool
    ) -> Burst:
        """The first of the posts; with `join` also those that fit into its text; `lost`: they were one request."""
        first, files = posts[0], self._files(posts[0])
        texts = [self._with_file_words(post, text.text) for post, text in zip(posts, drawn, strict=True)]
        alone = bool(files or drawn[0].buttons) or first.kind == "card"
        joined = len(posts) if lost else 1
        if join and not alone and not lost:
            run = [0, *_plain_run(posts, drawn)]
            joined = join_count([texts[index] for index in run], self.console.max_text, self.console.text_unit)
        if files and text_length(texts[0], self.console.text_unit) > self.console.max_caption:
            # The text goes first; keep_posted owes the files, which then stand below it.
            files = ()
        text = BETWEEN.join(texts[:joined])
        return Burst(
            tuple(posts[:joined]),
            ConsolePost(
                space,
                thread,
                self._cut(text, self.console.max_caption if files else self.console.max_text),
                media=tuple(self._media(file) for file in files),
                buttons=drawn[0].buttons,
                captioned=bool(files),
                reply_to=first.reply_to,
                quiet=first.message_kind not in ("incoming", None) or first.kind == "card",
            ),
            (*first.shown_files, *(file.id for file in (*files, *self._unfit(first)))),
        )

    def redrawn(self, space: str, thread: str, posts: Sequence[PostView], drawn: Sequence[Drawn]) -> ConsolePost:
        """The same post with what its messages say now; its files stay."""
        captioned = any(file.id in posts[0].shown_files for file in posts[0].files)
        text = BETWEEN.join(self._with_file_words(post, words.text) for post, words in zip(posts, drawn, strict=True))
        limit = self.console.max_caption if captioned else self.console.max_text
        return ConsolePost(space, thread, self._cut(text, limit), buttons=drawn[0].buttons, captioned=captioned)

    def _files(self, post: PostView) -> tuple[PostFile, ...]:
        """The files that go along in this request: an album, or one file."""
        ready = [file for file in post.files if file.state == "ready" and self._fits(file)]
        ready = [file for file in ready if file.id not in post.shown_files]
        if not ready:
            return ()
        album = []
        for file in ready:
            if MediaKind(file.kind) not in self.console.album:
                break
            album.append(file)
        return tuple(album[: self.console.max_album]) or (ready[0],)

    def _unfit(self, post: PostView) -> list[PostFile]:
        return [file for file in post.files if file.state == "ready" and not self._fits(file)]

    def _fits(self, file: PostFile) -> bool:
        return file.size <= self.capabilities.media.get(MediaKind(file.kind), 0)

    def _with_file_words(self, post: PostView, text: str) -> str:
        """Files that cannot be shown are named, so that nobody believes there was nothing."""
        say = self.language.gettext
        lines = []
        for file in post.files:
            name = file.name or say(N_("File"))
            if file.state == "pending":
                lines.append(f"[{name}: {say(_PENDING)}]")
            elif file.state == "failed":
                lines.append(f"[{name}: {say(_FAILED)}]")
            elif not self._fits(file) or (post.state != "sent" and file.id in post.shown_files):
                lines.append(f"[{name}: {say(_UNSHOWN)}]")
        return "\n".join([text, *lines])

    def _cut(self, text: str, limit: int) -> str:
        if text_length(text, self.console.text_unit) <= limit:
            return text
        end = self.language.gettext(_CUT)
        room = limit - text_length(end, self.console.text_unit) - 1
        return f"{split_text(text, room, self.console.text_unit)[0].rstrip()}\n{end}"

    def _media(self, file: PostFile) -> OutgoingMedia:
        url = f"{self.base_url}/files/{file.token}"
        return OutgoingMedia(MediaKind(file.kind), file.name, file.mime, file.size, self._reader(file), url)

    def _reader(self, file: PostFile) -> Callable[[], Awaitable[bytes]]:
        return lambda: self.blobs.read(file.blob_key or "")


def _plain_run(posts: Sequence[PostView], drawn: Sequence[Drawn]) -> list[int]:
    """The posts after the first that are nothing but text."""
    run = []
    for index in range(1, len(posts)):
        ready = any(file.state == "ready" for file in posts[index].files)
        if ready or drawn[index].buttons or posts[index].kind == "card" or posts[index].reply_to:
            break
        run.append(index)
    return run
