package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// What the SDK decodes the answers into. Amounts are text: a number would lose digits.

type status struct {
	Code        string
	Description *string
}

type entity struct {
	ID        string
	Status    status
	CreatedAt time.Time
	UpdatedAt time.Time
	DeletedAt *time.Time
	Metadata  map[string]string
}

func (e entity) id() string { return e.ID }

type organization struct {
	entity
	LegalName       string
	LegalDocument   string
	DoingBusinessAs *string
	Address         struct{ Line1, City, Country string }
}

// named is a ledger, a portfolio or a segment.
type named struct {
	entity
	Name           string
	OrganizationID string
	EntityID       string
}

type asset struct {
	entity
	Name, Type, Code string
}

type accountType struct {
	entity
	Name, Description, KeyValue string
}

type account struct {
	entity
	Name        string
	AssetCode   string
	Type        string
	Alias       *string
	PortfolioID *string
	SegmentID   *string
	Blocked     *bool
}

type balance struct {
	entity
	AccountID      string
	Alias          string
	Key            string
	AssetCode      string
	Available      string
	OnHold         string
	Version        int64
	AllowSending   bool
	AllowReceiving bool
}

type operation struct {
	entity
	TransactionID   string
	Description     string
	Type            string
	AccountID       string
	AccountAlias    string
	BalanceKey      string
	BalanceID       string
	BalanceAffected *bool
	Amount          struct{ Value string }
	BalanceAfter    struct{ Available, OnHold string }
}

type transaction struct {
	entity
	ParentTransactionID string
	Description         string
	Amount              string
	AssetCode           string
	Source              []string
	Destination         []string
	Operations          []operation
}

type settings struct {
	Accounting struct{ ValidateAccountType, ValidateRoutes *bool }
}

// A code that is a number would not be decoded, here as in the SDK.
type refusal struct{ Code, Title, Message string }

type object map[string]any

var (
	// The SDK is given a URL that ends with the version.
	base string
	// The step that is under way, and the number of those before it.
	step  string
	steps int
)

func fail(format string, values ...any) {
	fmt.Printf("%s: %s\ngo: %d passed, 1 failed\n", step, fmt.Sprintf(format, values...), steps)
	os.Exit(1)
}

// send takes a step: one request, and the status that it has to be answered with. The answer goes
// into `into`, unless that is nil.
func send(name, method, path string, body any, want int, into any) http.Header {
	return sendWithKey(newKey(), name, method, path, body, want, into)
}

func sendWithKey(key, name, method, path string, body any, want int, into any) http.Header {
	if step != "" {
		steps++
	}
	step = name
	var sent []byte
	if body != nil {
		sent, _ = json.Marshal(body)
	}
	request, err := http.NewRequest(method, base+path, bytes.NewReader(sent))
	if err != nil {
		fail("%v", err)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "midaz-go-sdk")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	// The SDK sends a key with everything that changes something, not only with transactions.
	if method != "GET" && method != "HEAD" {
		request.Header.Set("X-Idempotency", key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		fail("%v", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		fail("%v", err)
	}
	if response.StatusCode != want {
		fail("%s %s: %d, not %d: %s", method, path, response.StatusCode, want, answer)
	}
	if into != nil {
		// Nothing is left of an earlier answer.
		value := reflect.ValueOf(into).Elem()
		value.Set(reflect.Zero(value.Type()))
		if err := json.Unmarshal(answer, into); err != nil {
			fail("%s %s: %v: %s", method, path, err, answer)
		}
	}
	return response.Header
}

func newKey() string {
	b := make([]byte, 16)
	if _, err := rand.Read(b); err != nil {
		fail("%v", err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func equal[T comparable](what string, got, want T) {
	if got != want {
		fail("%s is %v, not %v", what, got, want)
	}
}

// text is what an optional field has, or nothing.
func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

// isStored checks what everything that is stored shows.
func isStored(e entity) {
	equal("length of the id", len(e.ID), 36)
	equal("createdAt is missing", e.CreatedAt.IsZero(), false)
	equal("updatedAt is missing", e.UpdatedAt.IsZero(), false)
	equal("deletedAt is set", e.DeletedAt != nil, false)
}

// How the SDK sends the options of a list, one with page numbers and one with cursors.
const (
	numbered = "?limit=100&page=1&sort_order=asc"
	cursors  = "?limit=100&sort_order=asc"
)

func list[T interface{ id() string }](name, path string) []T {
	var page struct {
		Items []T
		Limit int
	}
	send(name, "GET", path, nil, 200, &page)
	equal("limit", page.Limit, 100)
	for _, item := range page.Items {
		equal("length of an id", len(item.id()), 36)
	}
	return page.Items
}

func has[T interface{ id() string }](items []T, id string) {
	for _, item := range items {
		if item.id() == id {
			return
		}
	}
	fail("%s is not in the list", id)
}

func count(name, path string) int {
	header := send(name, "HEAD", path+"/metrics/count", nil, 204, nil)
	total, err := strconv.Atoi(header.Get("X-Total-Count"))
	if err != nil {
		fail("X-Total-Count: %v", err)
	}
	return total
}

// remove deletes something, and reads it again to see that it is gone. A missing account type has a code
// of its own.
func remove(what, path string) {
	send("delete "+what, "DELETE", path, nil, 204, nil)
	var r refusal
	send("get "+what+" that is deleted", "GET", path, nil, 404, &r)
	code := "0007"
	if strings.Contains(path, "/account-types/") {
		code = "0109"
	}
	equal("code", r.Code, code)
}
