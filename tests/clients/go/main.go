// Sends what the Go SDK of Midaz sends, and checks what is answered: see ../README.md.
//
//	go run . http://127.0.0.1:3000
package main

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"
)

// What the steps share.
var (
	org, ledger        string // their paths
	accounts           string // the path of those of the ledger
	usd                asset
	portfolio, segment named
	deposit            accountType
	alice, bob         account
	frozen             balance // of alice, beside her default balance
)

func main() {
	if len(os.Args) != 2 {
		fmt.Println("usage: go run . URL")
		os.Exit(2)
	}
	base = os.Args[1] + "/v1"
	// What is missing in an answer and is read all the same.
	defer func() {
		if problem := recover(); problem != nil {
			fail("%v", problem)
		}
	}()
	open()
	read()
	move()
	change()
	leave()
	fmt.Printf("go: %d passed, 0 failed\n", steps+1)
}

// open creates one of everything.
func open() {
	before := count("count the organizations", "/organizations")
	var o organization
	send("create an organization", "POST", "/organizations", object{
		"legalName": "Acme Bank", "legalDocument": "12-3456789", "doingBusinessAs": "Acme",
		"address": object{
			"line1": "1 Main Street", "zipCode": "94105", "city": "San Francisco", "state": "CA",
			"country": "US",
		},
		"metadata": object{"client": "go"},
	}, 201, &o)
	isStored(o.entity)
	equal("status", o.Status.Code, "ACTIVE")
	equal("legalName", o.LegalName, "Acme Bank")
	equal("city", o.Address.City, "San Francisco")
	equal("metadata", o.Metadata["client"], "go")
	org = "/organizations/" + o.ID
	equal("organizations", count("count the organizations again", "/organizations"), before+1)

	var l named
	send("create a ledger", "POST", org+"/ledgers", object{"name": "Deposits"}, 201, &l)
	isStored(l.entity)
	equal("organizationId", l.OrganizationID, o.ID)
	ledger = org + "/ledgers/" + l.ID
	accounts = ledger + "/accounts"

	send("create an asset", "POST", ledger+"/assets",
		object{"name": "US Dollar", "type": "currency", "code": "USD"}, 201, &usd)
	isStored(usd.entity)
	equal("code", usd.Code, "USD")

	send("create a portfolio", "POST", ledger+"/portfolios",
		object{"name": "Retail", "entityId": "retail-1"}, 201, &portfolio)
	isStored(portfolio.entity)
	equal("entityId", portfolio.EntityID, "retail-1")

	send("create a segment", "POST", ledger+"/segments",
		object{"name": "West", "metadata": object{"region": "west"}}, 201, &segment)
	isStored(segment.entity)
	equal("metadata", segment.Metadata["region"], "west")

	send("create an account type", "POST", ledger+"/account-types", object{
		"name": "Deposit", "description": "Money of customers", "keyValue": "deposit",
	}, 201, &deposit)
	isStored(deposit.entity)
	equal("keyValue", deposit.KeyValue, "deposit")

	var s settings
	send("get the settings of a new ledger", "GET", ledger+"/settings", nil, 200, &s)
	equal("validateAccountType", *s.Accounting.ValidateAccountType, false)
	equal("validateRoutes", *s.Accounting.ValidateRoutes, false)
	send("update the settings", "PATCH", ledger+"/settings",
		object{"accounting": object{"validateAccountType": true}}, 200, &s)
	equal("validateAccountType", *s.Accounting.ValidateAccountType, true)
	equal("validateRoutes", *s.Accounting.ValidateRoutes, false)

	// The SDK always sends a status with an account, an empty one unless it is set.
	unset := object{"code": ""}
	var r refusal
	send("create an account of an unknown type", "POST", accounts,
		object{"assetCode": "USD", "type": "unknown", "status": unset}, 400, &r)
	equal("code", r.Code, "0066")
	send("create an account", "POST", accounts, object{
		"name": "Alice", "assetCode": "USD", "type": "deposit", "alias": "@alice", "status": unset,
		"portfolioId": portfolio.ID, "segmentId": segment.ID,
	}, 201, &alice)
	isStored(alice.entity)
	equal("status", alice.Status.Code, "ACTIVE")
	equal("alias", text(alice.Alias), "@alice")
	equal("portfolioId", text(alice.PortfolioID), portfolio.ID)
	equal("segmentId", text(alice.SegmentID), segment.ID)
	equal("blocked", *alice.Blocked, false)
	send("create another account", "POST", accounts, object{
		"name": "Bob", "assetCode": "USD", "type": "deposit", "alias": "@bob", "status": unset,
	}, 201, &bob)
	equal("portfolioId", text(bob.PortfolioID), "")

	send("create an additional balance", "POST", accounts+"/"+alice.ID+"/balances",
		object{"key": "frozen", "allowSending": true, "allowReceiving": true}, 201, &frozen)
	isStored(frozen.entity)
	equal("key", frozen.Key, "frozen")
	equal("accountId", frozen.AccountID, alice.ID)
	equal("available", frozen.Available, "0")
	equal("version", frozen.Version, 0)
}

// read gets each, lists each, and counts what can be counted.
func read() {
	var o organization
	send("get the organization", "GET", org, nil, 200, &o)
	equal("doingBusinessAs", text(o.DoingBusinessAs), "Acme")
	has(list[organization]("list the organizations", "/organizations"+numbered), o.ID)

	var l named
	send("get the ledger", "GET", ledger, nil, 200, &l)
	equal("name", l.Name, "Deposits")
	ledgers := list[named]("list the ledgers", org+"/ledgers"+numbered)
	has(ledgers, l.ID)
	equal("ledgers", count("count the ledgers", org+"/ledgers"), len(ledgers))

	var a asset
	send("get the asset", "GET", ledger+"/assets/"+usd.ID, nil, 200, &a)
	equal("type", a.Type, "currency")
	assets := list[asset]("list the assets", ledger+"/assets"+numbered)
	has(assets, a.ID)
	equal("assets", count("count the assets", ledger+"/assets"), len(assets))

	var n named
	send("get the portfolio", "GET", ledger+"/portfolios/"+portfolio.ID, nil, 200, &n)
	equal("name", n.Name, "Retail")
	portfolios := list[named]("list the portfolios", ledger+"/portfolios"+numbered)
	has(portfolios, portfolio.ID)
	equal("portfolios", count("count the portfolios", ledger+"/portfolios"), len(portfolios))

	send("get the segment", "GET", ledger+"/segments/"+segment.ID, nil, 200, &n)
	equal("name", n.Name, "West")
	segments := list[named]("list the segments", ledger+"/segments"+numbered)
	has(segments, segment.ID)
	equal("segments", count("count the segments", ledger+"/segments"), len(segments))

	var t accountType
	send("get the account type", "GET", ledger+"/account-types/"+deposit.ID, nil, 200, &t)
	equal("description", t.Description, "Money of customers")
	has(list[accountType]("list the account types", ledger+"/account-types"+numbered), deposit.ID)

	var c account
	send("get the account", "GET", accounts+"/"+alice.ID, nil, 200, &c)
	equal("name", c.Name, "Alice")
	send("get the account by alias", "GET", accounts+"/alias/@alice", nil, 200, &c)
	equal("id", c.ID, alice.ID)
	send("get the external account", "GET", accounts+"/external/USD", nil, 200, &c)
	equal("alias", text(c.Alias), "@external/USD")
	all := list[account]("list the accounts", accounts+numbered)
	has(all, alice.ID)
	has(all, bob.ID)
	equal("accounts", count("count the accounts", accounts), len(all))
	all = list[account]("list the accounts of the portfolio",
		accounts+numbered+"&portfolio_id="+portfolio.ID)
	equal("accounts of the portfolio", len(all), 1)
	equal("id", all[0].ID, alice.ID)

	var b balance
	send("get the balance", "GET", ledger+"/balances/"+frozen.ID, nil, 200, &b)
	equal("alias", b.Alias, "@alice")
	has(list[balance]("list the balances of the ledger", ledger+"/balances"+numbered), frozen.ID)
	balances := list[balance]("list the balances of the account",
		accounts+"/"+alice.ID+"/balances"+numbered)
	equal("balances of the account", len(balances), 2)
	has(balances, frozen.ID)
	var page struct{ Items []balance }
	send("list the balances by alias", "GET", accounts+"/alias/@alice/balances?limit=100&sort_order=asc", nil, 200, &page)
	equal("balances by alias", len(page.Items), 2)
	has(page.Items, frozen.ID)
}

func leg(alias, key, value string) object {
	leg := object{"accountAlias": alias, "amount": object{"asset": "USD", "value": value}}
	if key != "" {
		leg["balanceKey"] = key
	}
	return leg
}

// transfer is a transaction from one leg to another.
func transfer(value string, from, to object) object {
	return object{"send": object{
		"asset": "USD", "value": value,
		"source": object{"from": []object{from}}, "distribute": object{"to": []object{to}},
	}}
}

// post makes a transaction, or takes the next step with one.
func post(name, path string, body any) transaction {
	var t transaction
	send(name, "POST", ledger+"/transactions"+path, body, 201, &t)
	isStored(t.entity)
	for _, o := range t.Operations {
		isStored(o.entity)
		equal("transactionId", o.TransactionID, t.ID)
	}
	return t
}

// holds checks what is on the balance with this key.
func holds(alias, key, available, onHold string) {
	var page struct{ Items []balance }
	send("see what "+alias+" has", "GET", accounts+"/alias/"+alias+"/balances", nil, 200, &page)
	for _, b := range page.Items {
		if b.Key == key {
			equal("available", b.Available, available)
			equal("onHold", b.OnHold, onHold)
			return
		}
	}
	fail("there is no balance %s", key)
}

// externalHolds checks the only balance of the external account. The SDK asks for two, to see that
// there is no other.
func externalHolds(available string) {
	var page struct{ Items []balance }
	send("see what is outside", "GET", accounts+"/external/USD/balances?limit=2", nil, 200, &page)
	equal("balances", len(page.Items), 1)
	equal("available", page.Items[0].Available, available)
}

func types(t transaction) string {
	var all []string
	for _, o := range t.Operations {
		all = append(all, o.Type)
	}
	return strings.Join(all, " ")
}

// move makes every kind of transaction, and ends with nothing on any balance.
func move() {
	salary := object{
		"description": "Salary", "metadata": object{"month": "November"},
		"send": object{
			"asset": "USD", "value": "100.00",
			"distribute": object{"to": []object{leg("@alice", "", "100.00")}},
		},
	}
	key, path := newKey(), ledger+"/transactions"
	var inflow, again transaction
	header := sendWithKey(key, "post an inflow", "POST", path+"/inflow", salary, 201, &inflow)
	equal("X-Idempotency-Replayed", header.Get("X-Idempotency-Replayed"), "false")
	isStored(inflow.entity)
	equal("status", inflow.Status.Code, "CREATED")
	equal("amount", inflow.Amount, "100")
	equal("source", strings.Join(inflow.Source, " "), "@external/USD")
	equal("destination", strings.Join(inflow.Destination, " "), "@alice")
	equal("types", types(inflow), "DEBIT CREDIT")
	header = sendWithKey(key, "send the inflow again", "POST", path+"/inflow", salary, 201, &again)
	equal("X-Idempotency-Replayed", header.Get("X-Idempotency-Replayed"), "true")
	equal("id", again.ID, inflow.ID)
	holds("@alice", "default", "100", "0")
	externalHolds("100")

	rent := transfer("30", leg("@alice", "", "30"), leg("@bob", "", "30"))
	rent["description"] = "Rent"
	paid := post("post a transaction", "/json", rent)
	equal("status", paid.Status.Code, "CREATED")
	equal("description", paid.Description, "Rent")
	equal("types", types(paid), "DEBIT CREDIT")
	equal("accountAlias", paid.Operations[0].AccountAlias, "@alice")
	equal("balanceAfter", paid.Operations[0].BalanceAfter.Available, "70")
	equal("balanceAffected", *paid.Operations[0].BalanceAffected, true)

	outflow := post("post an outflow", "/outflow", object{"send": object{
		"asset": "USD", "value": "10", "source": object{"from": []object{leg("@bob", "", "10")}},
	}})
	equal("destination", strings.Join(outflow.Destination, " "), "@external/USD")
	holds("@bob", "default", "20", "0")

	note := post("post an annotation", "/annotation",
		transfer("7", leg("@alice", "", "7"), leg("@bob", "", "7")))
	equal("status", note.Status.Code, "NOTED")
	equal("types", types(note), "DEBIT CREDIT")
	for _, o := range note.Operations {
		equal("balanceAffected", *o.BalanceAffected, false)
	}

	pending := transfer("15", leg("@alice", "", "15"), leg("@bob", "", "15"))
	pending["pending"] = true
	held := post("post a pending transaction", "/json", pending)
	equal("status", held.Status.Code, "PENDING")
	equal("types", types(held), "ON_HOLD")
	holds("@alice", "default", "55", "15")
	committed := post("commit it", "/"+held.ID+"/commit", nil)
	equal("id", committed.ID, held.ID)
	equal("status", committed.Status.Code, "APPROVED")
	holds("@alice", "default", "55", "0")
	holds("@bob", "default", "35", "0")

	pending = transfer("5", leg("@alice", "", "5"), leg("@bob", "", "5"))
	pending["pending"] = true
	held = post("post another pending transaction", "/json", pending)
	canceled := post("cancel it", "/"+held.ID+"/cancel", nil)
	equal("status", canceled.Status.Code, "CANCELED")
	equal("types", types(canceled), "RELEASE")
	holds("@alice", "default", "55", "0")

	reversal := post("revert the transaction", "/"+paid.ID+"/revert", nil)
	equal("parentTransactionId", reversal.ParentTransactionID, paid.ID)
	holds("@alice", "default", "85", "0")
	holds("@bob", "default", "5", "0")

	// This SDK has no block and no unblock.
	blocked := post("block", "/block",
		transfer("25", leg("@alice", "", "25"), leg("@alice", "frozen", "25")))
	equal("types", types(blocked), "BLOCK BLOCK")
	holds("@alice", "frozen", "25", "0")
	unblocked := post("unblock", "/unblock",
		transfer("25", leg("@alice", "frozen", "25"), leg("@alice", "", "25")))
	equal("types", types(unblocked), "UNBLOCK UNBLOCK")
	holds("@alice", "default", "85", "0")

	var r refusal
	send("take more than there is", "POST", path+"/outflow", object{"send": object{
		"asset": "USD", "value": "85.01",
		"source": object{"from": []object{leg("@alice", "", "85.01")}},
	}}, 422, &r)
	equal("code", r.Code, "0018")

	var t transaction
	send("get the transaction", "GET", path+"/"+paid.ID, nil, 200, &t)
	equal("status", t.Status.Code, "APPROVED")
	equal("operations", len(t.Operations), 2)
	all := list[transaction]("list the transactions", path+cursors)
	equal("transactions", len(all), 9)
	has(all, reversal.ID)
	equal("transactions", count("count the transactions", path), len(all))

	operations := list[operation]("list the operations of the account",
		accounts+"/"+alice.ID+"/operations"+cursors)
	debit := paid.Operations[0]
	has(operations, debit.ID)
	var o operation
	send("get the operation", "GET", accounts+"/"+alice.ID+"/operations/"+debit.ID, nil, 200, &o)
	equal("transactionId", o.TransactionID, paid.ID)
	equal("type", o.Type, "DEBIT")
	equal("amount", o.Amount.Value, "30")

	send("update the transaction", "PATCH", path+"/"+inflow.ID,
		object{"description": "Salary of November", "metadata": object{"checked": "yes"}}, 200, &t)
	equal("description", t.Description, "Salary of November")
	equal("metadata that was there", t.Metadata["month"], "November")
	equal("metadata that is new", t.Metadata["checked"], "yes")
	send("update the operation", "PATCH", path+"/"+paid.ID+"/operations/"+debit.ID,
		object{"description": "Rent of November", "metadata": object{"checked": "yes"}}, 200, &o)
	equal("id", o.ID, debit.ID)
	equal("description", o.Description, "Rent of November")
	equal("metadata", o.Metadata["checked"], "yes")

	var past balance
	moment := url.QueryEscape(inflow.CreatedAt.Format(time.RFC3339Nano))
	send("get the balance of the past", "GET",
		ledger+"/balances/"+inflow.balanceOf("@alice")+"/history?date="+moment, nil, 200, &past)
	equal("available", past.Available, "100")

	post("move the money out", "/outflow", object{"send": object{
		"asset": "USD", "value": "90",
		"source": object{"from": []object{leg("@alice", "", "85"), leg("@bob", "", "5")}},
	}})
	holds("@alice", "default", "0", "0")
	holds("@bob", "default", "0", "0")
	externalHolds("0")
}

// change updates one of everything.
func change() {
	var o organization
	send("update the organization", "PATCH", org,
		object{"doingBusinessAs": "Acme & Sons", "metadata": object{"size": "small"}}, 200, &o)
	equal("doingBusinessAs", text(o.DoingBusinessAs), "Acme & Sons")
	equal("legalName", o.LegalName, "Acme Bank")
	equal("metadata that was there", o.Metadata["client"], "go")

	var n named
	send("update the ledger", "PATCH", ledger, object{"name": "Savings"}, 200, &n)
	equal("name", n.Name, "Savings")
	var a asset
	send("update the asset", "PATCH", ledger+"/assets/"+usd.ID, object{"name": "Dollar"}, 200, &a)
	equal("name", a.Name, "Dollar")
	equal("code", a.Code, "USD")
	send("update the portfolio", "PATCH", ledger+"/portfolios/"+portfolio.ID,
		object{"name": "Consumers", "entityId": "retail-2"}, 200, &n)
	equal("name", n.Name, "Consumers")
	equal("entityId", n.EntityID, "retail-2")
	send("update the segment", "PATCH", ledger+"/segments/"+segment.ID,
		object{"metadata": object{"manager": "carol"}}, 200, &n)
	equal("name", n.Name, "West")
	equal("metadata that was there", n.Metadata["region"], "west")
	equal("metadata that is new", n.Metadata["manager"], "carol")
	var t accountType
	send("update the account type", "PATCH", ledger+"/account-types/"+deposit.ID,
		object{"name": "Deposits", "description": "Money on demand"}, 200, &t)
	equal("name", t.Name, "Deposits")
	equal("description", t.Description, "Money on demand")
	equal("keyValue", t.KeyValue, "deposit")

	var c account
	send("update the account", "PATCH", accounts+"/"+bob.ID,
		object{"name": "Robert", "portfolioId": portfolio.ID, "blocked": true}, 200, &c)
	equal("name", c.Name, "Robert")
	equal("portfolioId", text(c.PortfolioID), portfolio.ID)
	equal("blocked", *c.Blocked, true)
	var b balance
	send("update the balance", "PATCH", ledger+"/balances/"+frozen.ID,
		object{"allowSending": false}, 200, &b)
	equal("allowSending", b.AllowSending, false)
	equal("allowReceiving", b.AllowReceiving, true)
}

// leave deletes everything, and nothing before what stands on it.
func leave() {
	var r refusal
	send("delete a ledger with accounts", "DELETE", ledger, nil, 422, &r)
	equal("code is missing", r.Code == "", false)

	remove("the additional balance", ledger+"/balances/"+frozen.ID)
	remove("the account", accounts+"/"+alice.ID)
	remove("the other account", accounts+"/"+bob.ID)
	remove("the account type", ledger+"/account-types/"+deposit.ID)
	remove("the segment", ledger+"/segments/"+segment.ID)
	remove("the portfolio", ledger+"/portfolios/"+portfolio.ID)
	remove("the asset", ledger+"/assets/"+usd.ID)
	remove("the ledger", ledger)
	remove("the organization", org)
}

// balanceOf is the id of the balance that the transaction moved on this account.
func (t transaction) balanceOf(alias string) string {
	for _, o := range t.Operations {
		if o.AccountAlias == alias {
			return o.BalanceID
		}
	}
	fail("no operation is on %s", alias)
	return ""
}
