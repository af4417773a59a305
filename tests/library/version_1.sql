PRAGMA page_size=4096;

BEGIN TRANSACTION;

CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    published TEXT,
    lang TEXT NOT NULL,
    media_type TEXT NOT NULL,
    encoding TEXT,
    sha256 TEXT NOT NULL UNIQUE,
    added TEXT NOT NULL,
    characters INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
INSERT INTO documents VALUES('9a8ae4fd4283a584','/docs/ferry.txt','ferry',NULL,'en','text/plain',NULL,'65dfacf219b4d9a0a3b25a9864d1e44604331c3fa73219a3575b07b30522a96e','2026-11-22T06:12:34+00:00',52,'The ferry runs at night.

A ticket costs 4.50 euros.');
INSERT INTO documents VALUES('a2a7f8e45afe923e','/docs/博物馆.txt','博物馆',NULL,'en','text/plain',NULL,'5d751d31a6dc702ba05f13184d473c321c61bb2fd4d7bd968fa6bfa9e913c727','2026-11-22T06:12:34+00:00',8,'博物馆推迟开放。');

CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    identity TEXT NOT NULL,
    generation INTEGER NOT NULL,
    erase_pending INTEGER NOT NULL DEFAULT 0,
    encoder_name TEXT NOT NULL,
    encoder_revision TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    max_length INTEGER NOT NULL,
    splitter_version INTEGER NOT NULL,
    passage_tokens INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES(1,'c69226b148d042189c3e4a2c317b42e3',2,0,'hash','1',4,512,1,200);

CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL REFERENCES documents(id) ON UPDATE CASCADE ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    heading TEXT NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (document_id, ordinal)
) STRICT;
INSERT INTO passages VALUES(1,'9a8ae4fd4283a584',0,0,24,'',X'5EE1FA3E3C8270BE6EC6093F51EF243F');
INSERT INTO passages VALUES(2,'9a8ae4fd4283a584',1,26,52,'',X'D12ABCBE957418BF1DF222BF0504A63E');
INSERT INTO passages VALUES(3,'a2a7f8e45afe923e',0,0,8,'',X'A891153FC37EC43E784533BF664914BE');

CREATE TABLE sentences (
    passage_id INTEGER NOT NULL REFERENCES passages(id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    vector BLOB,
    UNIQUE (passage_id, ordinal)
) STRICT;
INSERT INTO sentences VALUES(1,0,0,24,X'DF366CB11239F738');
INSERT INTO sentences VALUES(2,0,26,43,X'EAB86F383AB81C32');
INSERT INTO sentences VALUES(2,1,43,52,X'AFB094B607BB3A32');
INSERT INTO sentences VALUES(3,0,0,8,X'5638CD3772B9B72C');

INSERT INTO main.sqlite_sequence VALUES ('passages', 3);

pragma user_version=1;
pragma application_id=1346981443;

COMMIT TRANSACTION;
